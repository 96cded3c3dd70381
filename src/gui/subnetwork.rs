//! One sub-network at a time: the gallery labelled by a single pass, stepped through or played.

use std::sync::Arc;

use super::notices::Gravity;
use super::settings::Tab;
use super::state::{Effect, State};
use crate::shown::subnetwork::{SubnetworkJob, SubnetworkView};
use crate::shown::{GalleryView, Only};
use crate::wording;
use crate::worker::Job;

/// One thing a person did with sub-networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetworkAction {
    /// Label the gallery by this pass, from 0; by the mean of all when `None`.
    Show(Option<usize>),
    /// Go so many passes on, or back when negative, from the last to the first.
    Step(isize),
    /// Go on by itself, or stop.
    Play(bool),
    /// Limit the gallery to the images of which it says another digit than the mean.
    OnlyDissent,
}

/// What is known of the sub-network looked at.
#[derive(Clone, Debug, Default)]
pub struct SubnetworkState {
    /// The pass looked at, from 0; all of them when `None`.
    pub pass: Option<usize>,
    /// Whether the passes play.
    pub playing: bool,
    /// What a sub-network says: that of `pass`, or the one before until it is there.
    pub view: Option<Arc<SubnetworkView>>,
    /// The limit made of a dissent, which follows from pass to pass while it is in force.
    dissent: Option<Arc<Only>>,
}

impl SubnetworkState {
    /// What the cards are labelled by, if it was drawn as what the gallery shows was.
    #[must_use]
    pub fn shown(&self, gallery: &GalleryView) -> Option<&SubnetworkView> {
        let view = self.view.as_deref().filter(|_| self.pass.is_some())?;
        let same = view.sampled.dropout.to_bits() == gallery.sampled.dropout.to_bits()
            && view.sampled.seed == gallery.sampled.seed
            && view.votes.len() == gallery.measures.len();
        same.then_some(view)
    }
}

impl State {
    pub(super) fn apply_subnetwork(&mut self, action: SubnetworkAction) -> Vec<Effect> {
        // Of all passes asked for: those not drawn yet are on their way.
        let passes = self.settings.sweep.passes.max(1);
        match action {
            SubnetworkAction::Show(None) => return self.leave_subnetwork(),
            SubnetworkAction::Show(Some(pass)) => self.subnetwork.pass = Some(pass.min(passes - 1)),
            SubnetworkAction::Step(by) => {
                let to = match self.subnetwork.pass {
                    // A step as large as all passes leads to where it started.
                    Some(pass) => (pass + passes).saturating_add_signed(by) % passes,
                    None if by < 0 => passes - 1,
                    None => 0,
                };
                self.subnetwork.pass = Some(to);
            }
            SubnetworkAction::Play(playing) => {
                self.subnetwork.playing = playing;
                self.subnetwork.pass = self.subnetwork.pass.or(playing.then_some(0));
            }
            SubnetworkAction::OnlyDissent => {
                let view = self.subnetwork.view.as_deref().filter(|view| !view.dissent.is_empty());
                let Some(only) = view.map(dissent) else { return Vec::new() };
                self.remember();
                return self.follow_dissent(only);
            }
        }
        self.settings.tab = Tab::Gallery;
        self.ask_subnetwork()
    }

    /// Back to all passes; the limit to its dissent goes with it.
    fn leave_subnetwork(&mut self) -> Vec<Effect> {
        let limited = self.limited_to_dissent();
        self.subnetwork = SubnetworkState::default();
        if limited { self.show_only(None) } else { Vec::new() }
    }

    fn limited_to_dissent(&self) -> bool {
        matches!((&self.limits.only, &self.subnetwork.dissent), (Some(a), Some(b)) if Arc::ptr_eq(a, b))
    }

    fn follow_dissent(&mut self, only: Only) -> Vec<Effect> {
        let only = Arc::new(only);
        self.subnetwork.dissent = Some(Arc::clone(&only));
        self.show_only(Some(only))
    }

    /// Asks the sub-network looked at, once its pass is drawn.
    fn ask_subnetwork(&self) -> Vec<Effect> {
        let (Some(pass), Some(samples), Some(view), Some(dataset)) =
            (self.subnetwork.pass, &self.samples, &self.gallery, &self.dataset)
        else {
            return Vec::new();
        };
        if pass >= view.query.passes.min(samples.passes()) || samples.images() != view.measures.len() {
            return Vec::new();
        }
        let job = SubnetworkJob {
            samples: samples.clone(),
            digits: Arc::clone(&dataset.digits),
            measures: Arc::clone(&view.measures),
            passes: view.query.passes,
            pass,
        };
        vec![Effect::submit(Job::Subnetwork(Box::new(job)))]
    }

    /// The gallery shows something new: so does the sub-network, unless there is none of its number any more.
    pub(super) fn renew_subnetwork(&mut self) -> Vec<Effect> {
        let Some(pass) = self.subnetwork.pass else { return Vec::new() };
        let asked = self.settings.sweep.passes;
        if pass >= asked {
            let passes = if asked == 1 { "only one pass".to_owned() } else { format!("{asked} passes") };
            let text = format!(
                "There is no sub-network #{pass} among {passes} (they count from 0): the gallery shows all passes again."
            );
            self.notices.say(Gravity::News, text);
            return self.leave_subnetwork();
        }
        self.ask_subnetwork()
    }

    /// What a sub-network says is there.
    pub(super) fn subnetwork_came(&mut self, view: &Arc<SubnetworkView>) -> Vec<Effect> {
        if self.subnetwork.pass.is_none() {
            return Vec::new();
        }
        let follows = self.limited_to_dissent();
        self.subnetwork.view = Some(Arc::clone(view));
        let only = dissent(view);
        // The gallery answers with what leads here again.
        if follows && self.limits.only.as_deref() != Some(&only) {
            return self.follow_dissent(only);
        }
        Vec::new()
    }
}

/// The images of which a sub-network says another digit than the mean.
fn dissent(view: &SubnetworkView) -> Only {
    let images = wording::count(view.dissent.len(), "image");
    let name = format!("where sub-network #{} dissents · {images}", view.pass);
    Only { name, indices: view.dissent.clone() }
}
