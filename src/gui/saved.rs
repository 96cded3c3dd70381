//! What of the window a saved view holds, and how it is shown again once its images and its network are there.

use super::panel::Panels;
use super::settings::{Arrangement, Settings, Tab};
use super::shared::{Selected, Shared};
use crate::shown::Limits;
use crate::shown::saved_view::{
    SavedArrangement, SavedData, SavedDrawing, SavedGallery, SavedNetwork, SavedSelection, SavedTab,
    SavedView,
};

impl From<Tab> for SavedTab {
    fn from(tab: Tab) -> Self {
        match tab {
            Tab::Gallery => Self::Gallery,
            Tab::Plane => Self::Plane,
            Tab::Draw => Self::Draw,
            Tab::Rotate => Self::Rotate,
            Tab::Quality => Self::Quality,
            Tab::Train => Self::Train,
        }
    }
}

impl From<SavedTab> for Tab {
    fn from(tab: SavedTab) -> Self {
        match tab {
            SavedTab::Gallery => Self::Gallery,
            SavedTab::Plane => Self::Plane,
            SavedTab::Draw => Self::Draw,
            SavedTab::Rotate => Self::Rotate,
            SavedTab::Quality => Self::Quality,
            SavedTab::Train => Self::Train,
        }
    }
}

/// What the window shows.
///
/// # Errors
/// When there are no images yet.
pub fn saved(shared: &Shared, panels: &Panels) -> Result<SavedView, String> {
    let dataset = shared.dataset.as_ref().ok_or("There is no view to save yet: wait for the images.")?;
    let settings = &shared.settings;
    Ok(SavedView {
        data: SavedData::of(dataset),
        network: SavedNetwork::of(&shared.model, shared.bundled.key()),
        sweep: settings.sweep,
        tab: settings.tab.into(),
        gallery: SavedGallery {
            digit: settings.digit,
            grouping: settings.grouping,
            filter: settings.filter,
            measure: settings.measure,
            plane_axes: settings.plane_axes,
            arrangement: match settings.arrangement {
                Arrangement::Halves => SavedArrangement::Halves,
                Arrangement::Ranking => SavedArrangement::Ranking,
            },
            top: settings.top,
        },
        limits: (&shared.limits).into(),
        selection: SavedSelection {
            primary: shared.selected.primary,
            set: shared.selected.set.iter().collect(),
            class: shared.class,
        },
        // Its number outlives a smaller T only until the gallery has answered.
        subnetwork: panels.subnetwork.pass.filter(|pass| *pass < settings.sweep.passes),
        drawing: SavedDrawing::of(&panels.draw.now(), shared.sights.label),
    })
}

/// Which parts of a view the window has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Having {
    /// Its images.
    pub images: bool,
    /// Its network.
    pub network: bool,
}

/// Shows what a view says, once its images and its network are in the window or known to be missing. What names images is of them alone: without them what is selected and brushed stays as it
/// was; a list that has a name was made by a network, and a sub-network is one of its.
pub fn show(view: &SavedView, having: Having, panels: &mut Panels, shared: &mut Shared) {
    let SavedGallery { digit, grouping, filter, measure, plane_axes, arrangement, top } = view.gallery;
    let arrangement = match arrangement {
        SavedArrangement::Halves => Arrangement::Halves,
        SavedArrangement::Ranking => Arrangement::Ranking,
    };
    shared.remember();
    let now = shared.settings.clone();
    shared.settings =
        Settings { digit, grouping, filter, measure, plane_axes, arrangement, top, sweep: view.sweep, ..now }
            .sanitised();
    if having.images {
        let Limits { only, region } = (&view.limits).into();
        shared.limits = Limits { only: only.filter(|_| having.network), region };
        let SavedSelection { primary, set, class } = &view.selection;
        let selected = Selected { primary: *primary, set: set.iter().copied().collect() };
        panels.gallery.choose_again(selected, shared);
        shared.class = *class;
    }
    if having.images && having.network {
        panels.subnetwork.start_at(view.subnetwork);
    }
    panels.draw.put_back(view.drawing.as_ref().map(|drawing| (drawing.sheet(), drawing.label)), shared);
}
