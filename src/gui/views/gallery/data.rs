//! What the gallery shows, and what a right click on any of its images offers.

use egui::Ui;

use super::firm::FirmData;
use crate::data::Digits;
use crate::data::marks::Marks;
use crate::gui::action::{Action, GalleryAction, Pick, Shelf};
use crate::gui::settings::Arrangement;
use crate::gui::shared::Selected;
use crate::gui::views::menu::image_menu_ui;
use crate::shown::GalleryView;
use crate::shown::highlight::Highlight;
use crate::shown::subject::Origin;
use crate::shown::subnetwork::SubnetworkView;

/// What the gallery shows.
#[derive(Clone, Copy)]
pub struct GalleryData<'a> {
    /// Images and labels.
    pub digits: &'a Digits,
    /// Order and measures; `None` until the first passes are done.
    pub view: Option<&'a GalleryView>,
    /// How many images are ranked, where it is a first look at some.
    pub first_look: Option<usize>,
    /// What is selected.
    pub selected: &'a Selected,
    /// Two halves or one ranking.
    pub arrangement: Arrangement,
    /// Images in each half.
    pub top: usize,
    /// Size of a thumbnail in points.
    pub zoom: f32,
    /// Whether it shows the answer to an earlier question.
    pub stale: bool,
    /// Whether passes are still being added.
    pub refining: bool,
    /// The images lit up; all others are dimmed.
    pub highlight: Option<&'a Highlight>,
    /// What is said of the images.
    pub marks: Option<&'a Marks>,
    /// The shelf that is shown.
    pub shelf: Option<Shelf>,
    /// The image to bring into view.
    pub reveal: Option<u32>,
    /// What has been made firm of it.
    pub firm: FirmData<'a>,
    /// The sub-network that labels the cards; the mean of all when `None`.
    pub subnetwork: Option<&'a SubnetworkView>,
}

/// Draws the menu of an image.
pub(super) fn menu_ui(ui: &mut Ui, index: u32, selected: &Selected, actions: &mut Vec<Action>) {
    image_menu_ui(ui, Origin::Dataset(index), actions);
    let text = if selected.contains(index) { "Remove from selection" } else { "Add to selection" };
    if ui.button(text).clicked() {
        actions.push(Action::Gallery(GalleryAction::Select(index, Pick::Toggle)));
        ui.close();
    }
}
