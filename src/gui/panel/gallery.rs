//! The gallery: which images it shows, in which order, and which of them are chosen.

use std::sync::Arc;

use crate::gui::action::{GalleryAction, Pick, Shelf};
use crate::gui::effect::{Follow, Steps};
use crate::gui::exports::halves;
use crate::gui::settings::{Arrangement, Settings, Tab, ZOOM};
use crate::gui::shared::{Gravity, Selected, Shared};
use crate::shown::{GalleryView, Limits, Ranked};
use crate::uncertainty::Filter;
use crate::wording;

/// What the gallery knows besides what all panels do.
#[derive(Debug)]
pub struct GalleryPanel {
    /// Whether the image looked at is the most uncertain one, until the user chooses another.
    follows_first: bool,
}

impl Default for GalleryPanel {
    fn default() -> Self {
        Self { follows_first: true }
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
            GalleryAction::SelectAll { indices, add } => self.select_all(indices, add, shared),
            GalleryAction::Shelf(shelf) => show_shelf(shelf, shared),
            GalleryAction::ShowOnly(only) => {
                shared.remember();
                shared.show_only(only)
            }
        }
    }

    /// Selects an image.
    pub fn select(&mut self, index: u32, pick: Pick, shared: &mut Shared) -> Steps {
        let gallery = shared.run.gallery.clone();
        shared.class = None;
        self.choose(shared, |selected| {
            let nothing = Ranked::default();
            selected.pick(index, pick, gallery.as_ref().map_or(&nothing, |view| &view.ranked));
        })
    }

    /// Selects many at once.
    pub fn select_all(&mut self, indices: Vec<u32>, add: bool, shared: &mut Shared) -> Steps {
        self.choose(shared, |selected| selected.take(indices, add))
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

fn show_shelf(shelf: Shelf, shared: &mut Shared) -> Steps {
    shared.remember();
    let settings = &mut shared.settings;
    (settings.filter, settings.measure, settings.arrangement) = shelf.choices();
    settings.tab = Tab::Gallery;
    let gallery = shared.run.gallery.as_ref().filter(|_| shelf == Shelf::MeanLogitsDiffer);
    let only = gallery.map(|view| Arc::clone(&view.differing));
    shared.show_only(only)
}
