//! One sub-network at a time: the gallery labelled by a single pass, stepped through or played.

use std::sync::Arc;

use crate::gui::action::SubnetworkAction;
use crate::gui::effect::{Step, Steps};
use crate::gui::settings::Tab;
use crate::gui::shared::{Gravity, Shared};
use crate::shown::subnetwork::{SubnetworkJob, SubnetworkView, number};
use crate::shown::{GalleryView, Only};
use crate::wording;
use crate::worker::Job;

/// What is known of the sub-network looked at.
#[derive(Clone, Debug, Default)]
pub struct SubnetworkPanel {
    /// The pass looked at, from 0; all of them when `None`.
    pub pass: Option<usize>,
    /// Whether the passes play.
    pub playing: bool,
    /// What a sub-network says: that of `pass`, or the one before until it is there.
    pub view: Option<Arc<SubnetworkView>>,
    /// The limit made of a dissent, which follows from pass to pass while it is in force.
    dissent: Option<Arc<Only>>,
}

impl SubnetworkPanel {
    /// What the cards are labelled by, if it was drawn as what the gallery shows was.
    #[must_use]
    pub fn shown(&self, gallery: &GalleryView) -> Option<&SubnetworkView> {
        let view = self.view.as_deref().filter(|_| self.pass.is_some())?;
        let same = view.sampled.same_draws(&gallery.sampled) && view.votes.len() == gallery.measures.len();
        same.then_some(view)
    }

    /// Carries out a user action with sub-networks.
    pub fn update(&mut self, action: SubnetworkAction, shared: &mut Shared) -> Steps {
        // Of all passes asked for: those not drawn yet are on their way.
        let passes = shared.settings.sweep.passes.max(1);
        match action {
            SubnetworkAction::Show(None) => return self.leave(shared),
            SubnetworkAction::Show(Some(pass)) => self.pass = Some(pass.min(passes - 1)),
            SubnetworkAction::Step(by) => {
                let to = match self.pass {
                    // A step as large as all passes leads to where it started.
                    Some(pass) => (pass + passes).saturating_add_signed(by) % passes,
                    None if by < 0 => passes - 1,
                    None => 0,
                };
                self.pass = Some(to);
            }
            SubnetworkAction::Play(playing) => {
                self.playing = playing;
                self.pass = self.pass.or(playing.then_some(0));
            }
            SubnetworkAction::OnlyDissent => {
                let view = self.view.as_deref().filter(|view| !view.dissent.is_empty());
                let Some(only) = view.map(dissent) else { return Steps::new() };
                shared.remember();
                return self.follow_dissent(only, shared);
            }
        }
        shared.settings.tab = Tab::Gallery;
        self.ask(shared)
    }

    /// Labels the gallery by this pass, from 0, once it is drawn; by the mean of all when `None`.
    pub fn start_at(&mut self, pass: Option<usize>) {
        *self = Self { pass, ..Self::default() };
    }

    /// Back to all passes; the limit to its dissent goes with it.
    fn leave(&mut self, shared: &mut Shared) -> Steps {
        let limited = self.limited_to_dissent(shared);
        *self = Self::default();
        if limited { shared.show_only(None) } else { Steps::new() }
    }

    fn limited_to_dissent(&self, shared: &Shared) -> bool {
        matches!((&shared.limits.only, &self.dissent), (Some(a), Some(b)) if Arc::ptr_eq(a, b))
    }

    fn follow_dissent(&mut self, only: Only, shared: &mut Shared) -> Steps {
        let only = Arc::new(only);
        self.dissent = Some(Arc::clone(&only));
        shared.show_only(Some(only))
    }

    /// Asks the sub-network looked at, once its pass is drawn.
    fn ask(&self, shared: &Shared) -> Steps {
        let (Some(pass), Some(samples), Some(view), Some(dataset)) =
            (self.pass, &shared.run.samples, &shared.run.gallery, &shared.dataset)
        else {
            return Steps::new();
        };
        if pass >= view.query.passes.min(samples.passes()) || samples.images() != view.measures.len() {
            return Steps::new();
        }
        let job = SubnetworkJob {
            samples: samples.clone(),
            digits: Arc::clone(&dataset.digits),
            measures: Arc::clone(&view.measures),
            passes: view.query.passes,
            pass,
        };
        vec![Step::submit(Job::Subnetwork(Box::new(job)))]
    }

    /// The gallery shows something new: so does the sub-network, unless there is none of its number any more.
    pub fn renew(&mut self, shared: &mut Shared) -> Steps {
        let Some(pass) = self.pass else { return Steps::new() };
        let asked = shared.settings.sweep.passes;
        if pass >= asked {
            let passes = if asked == 1 { "only one pass".to_owned() } else { format!("{asked} passes") };
            let text = format!(
                "There is no sub-network #{} among {passes}: the gallery shows all passes again.",
                number(pass)
            );
            shared.notices.say(Gravity::News, text);
            return self.leave(shared);
        }
        self.ask(shared)
    }

    /// What a sub-network says is there.
    pub fn came(&mut self, view: &Arc<SubnetworkView>, shared: &mut Shared) -> Steps {
        if self.pass.is_none() {
            return Steps::new();
        }
        let follows = self.limited_to_dissent(shared);
        self.view = Some(Arc::clone(view));
        let only = dissent(view);
        // The gallery answers with what leads here again.
        if follows && shared.limits.only.as_deref() != Some(&only) {
            return self.follow_dissent(only, shared);
        }
        Steps::new()
    }
}

/// The images of which a sub-network says another digit than the mean.
fn dissent(view: &SubnetworkView) -> Only {
    let images = wording::count(view.dissent.len(), "image");
    let name = format!("where sub-network #{} dissents · {images}", number(view.pass));
    Only { name, indices: view.dissent.clone() }
}
