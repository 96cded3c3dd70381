//! The gallery: which images it shows, in which order, and which of them are chosen.

use std::sync::Arc;

use crate::gui::action::{GalleryAction, Pick, Shelf};
use crate::gui::effect::{Follow, Steps};
use crate::gui::settings::{Arrangement, Settings, Tab, ZOOM};
use crate::gui::shared::{Gravity, Selected, Shared};
use crate::shown::gallery::halves;
use crate::shown::indices::Picked;
use crate::shown::{GalleryView, Limits, Ranked};
use crate::uncertainty::Filter;
use crate::wording;
use crate::worker::Slot;

/// What the gallery knows besides what all panels do.
#[derive(Debug)]
pub struct GalleryPanel {
    /// Whether the image looked at is the most uncertain one, until the user chooses another.
    follows_first: bool,
    /// The image gone to, until the gallery has brought it into view.
    reveal: Option<u32>,
}

impl Default for GalleryPanel {
    fn default() -> Self {
        Self { follows_first: true, reveal: None }
    }
}

impl GalleryPanel {
    /// Carries out a user action in the gallery.
    pub fn update(&mut self, action: GalleryAction, shared: &mut Shared) -> Steps {
        match action {
            GalleryAction::SetDigit(digit) => {
                shared.remember();
                shared.settings.digit = digit;
                if shared.settings.tab != Tab::Plane {
                    shared.settings.tab = Tab::Gallery;
                }
                shared.refresh()
            }
            GalleryAction::SetGrouping(grouping) => {
                shared.remember();
                shared.settings.grouping = grouping;
                shared.refresh()
            }
            GalleryAction::SetFilter(filter) => {
                shared.remember();
                shared.settings.filter = filter;
                shared.refresh()
            }
            GalleryAction::SetMeasure(measure) => {
                shared.remember();
                shared.settings.measure = measure;
                shared.refresh()
            }
            GalleryAction::SetArrangement(arrangement) => {
                shared.remember();
                shared.settings.arrangement = arrangement;
                Steps::new()
            }
            GalleryAction::SetTop(top) => {
                shared.settings.top = top.clamp(1, 1000);
                Steps::new()
            }
            GalleryAction::SetZoom(zoom) => {
                shared.settings.zoom = zoom.clamp(*ZOOM.start(), *ZOOM.end());
                Steps::new()
            }
            GalleryAction::Select(index, pick) => self.select(index, pick, shared),
            GalleryAction::SelectAll { indices, add } => {
                self.select_all(Picked::from(&*indices), add, shared)
            }
            GalleryAction::GoTo(index) => self.go_to(index, shared),
            GalleryAction::Reveal(index) => {
                self.reveal = Some(index);
                self.select(index, Pick::Only, shared)
            }
            GalleryAction::Revealed => {
                self.reveal = None;
                Steps::new()
            }
            GalleryAction::Shelf(shelf) => show_shelf(shelf, shared),
            GalleryAction::LeaveShelf(shelf) => {
                shared.remember();
                leave_shelf(shelf, shared);
                shared.refresh()
            }
            GalleryAction::ShowAll => {
                shared.remember();
                if let Some(shelf) = shared.shelf() {
                    leave_shelf(shelf, shared);
                }
                shared.settings.digit = None;
                shared.settings.filter = Filter::All;
                shared.limits = Limits::default();
                shared.refresh()
            }
            GalleryAction::ShowOnly(only) => {
                shared.remember();
                shared.show_only(only)
            }
            GalleryAction::MakeFirm => shared.make_firm().into_iter().collect(),
            GalleryAction::StopFirm => {
                // What a person stops does not begin again by itself.
                shared.settings.firm.auto = false;
                shared.jobs.cancel(|slot| slot == Slot::Firm)
            }
            GalleryAction::SetFirm(settings) => {
                shared.settings.firm = settings;
                shared.firm_when_idle()
            }
        }
    }

    /// Selects an image.
    pub fn select(&mut self, index: u32, pick: Pick, shared: &mut Shared) -> Steps {
        let gallery = shared.gallery_shown().cloned();
        shared.class = None;
        self.choose(shared, |selected| {
            let nothing = Ranked::default();
            selected.pick(index, pick, gallery.as_ref().map_or(&nothing, |view| &view.ranked));
        })
    }

    /// Selects many at once.
    pub fn select_all(&mut self, picked: Picked, add: bool, shared: &mut Shared) -> Steps {
        self.choose(shared, |selected| selected.take(picked, add))
    }

    /// Selects an image and brings it into view: what hides it is lifted, in one step with the selection.
    fn go_to(&mut self, index: u32, shared: &mut Shared) -> Steps {
        let images = shared.dataset.as_ref().map_or(0, |dataset| dataset.digits.len());
        if index as usize >= images {
            shared.refuse(match images {
                0 => "There are no images yet.".to_owned(),
                _ => wording::no_image(&index.to_string(), images),
            });
            return Steps::new();
        }
        shared.remember();
        self.follows_first = false;
        self.reveal = Some(index);
        shared.elsewhere = None;
        shared.class = None;
        shared.settings.inspector_open = true;
        shared.selected.pick(index, Pick::Only, &Ranked::default());
        let mut steps: Steps = vec![Follow::ShowTab(Tab::Gallery).into(), Follow::Inspect.into()];
        let view = shared.run.gallery.clone();
        let place = view.as_ref().and_then(|view| view.ranked.place(index));
        let (order, hidden) = view.map_or((images, false), |view| (view.ranked.order.len(), place.is_none()));
        if hidden {
            shared.settings.digit = None;
            shared.settings.filter = Filter::All;
            shared.limits = Limits::default();
            let text = format!("Image {index} was outside the filter: all images are shown.");
            shared.notices.say(Gravity::News, text);
            steps.extend(shared.refresh());
        }
        // Of all images, most are in neither half.
        let order = if hidden { images } else { order };
        let (certain, uncertain) = halves(order, shared.settings.top);
        let in_half =
            place.filter(|_| !hidden).is_some_and(|place| place < uncertain || place >= order - certain);
        if !in_half && certain + uncertain < order {
            shared.settings.arrangement = Arrangement::Ranking;
        }
        steps
    }

    /// Looks at an image as part of another step, and brings it into view where it is shown.
    pub fn walk_to(&mut self, index: u32, shared: &mut Shared) -> Steps {
        self.follows_first = false;
        self.reveal = Some(index);
        shared.elsewhere = None;
        shared.class = None;
        shared.selected.pick(index, Pick::Only, &Ranked::default());
        vec![Follow::Inspect.into()]
    }

    /// Selects what was selected when a view was saved; with no image looked at, that is so again.
    pub fn choose_again(&mut self, selected: Selected, shared: &mut Shared) {
        self.follows_first = false;
        self.reveal = selected.primary;
        shared.elsewhere = None;
        shared.selected = selected;
    }

    /// The image to bring into view, once the gallery shows what is asked for.
    #[must_use]
    pub fn to_reveal(&self, shared: &Shared) -> Option<u32> {
        let view = shared.run.gallery.as_ref()?;
        let asked = view.query == shared.gallery_query(view.query.passes) && view.only == shared.limits.only;
        self.reveal.filter(|_| asked)
    }

    /// Selects nothing.
    pub fn clear_selection(&mut self, shared: &mut Shared) -> Steps {
        self.choose(shared, Selected::clear)
    }

    fn choose(&mut self, shared: &mut Shared, change: impl FnOnce(&mut Selected)) -> Steps {
        let before = shared.snapshot();
        self.follows_first = false;
        shared.elsewhere = None;
        change(&mut shared.selected);
        if before != shared.snapshot() {
            shared.history.push(before);
        }
        vec![Follow::Inspect.into()]
    }

    /// The gallery's new order.
    pub fn came(&mut self, view: Arc<GalleryView>, shared: &mut Shared) -> Steps {
        let first = view.ranked.order.first().copied();
        shared.run.gallery = Some(view);
        shared.run.first_look = None;
        let mut steps: Steps =
            vec![Follow::LightAgain.into(), Follow::Quality.into(), Follow::Subnetwork.into()];
        if self.follows_first && first != shared.selected.primary {
            shared.selected.primary = first;
            steps.push(Follow::Inspect.into());
        }
        steps.push(Follow::Rotate.into());
        steps
    }

    /// Forgets what was of other images.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What a shelf limits and sorts by is as at the start; how images are laid out stays.
fn leave_shelf(shelf: Shelf, shared: &mut Shared) {
    let start = Settings::default();
    (shared.settings.filter, shared.settings.measure) = (start.filter, start.measure);
    if shelf == Shelf::MeanLogitsDiffer {
        shared.limits.only = None;
    }
}

fn show_shelf(shelf: Shelf, shared: &mut Shared) -> Steps {
    shared.remember();
    let settings = &mut shared.settings;
    (settings.filter, settings.measure, settings.arrangement) = shelf.choices();
    settings.tab = Tab::Gallery;
    let gallery = shared.run.gallery.as_ref().filter(|_| shelf == Shelf::MeanLogitsDiffer);
    let only = gallery.map(|view| Arc::clone(&view.differing));
    shared.show_only(only)
}
