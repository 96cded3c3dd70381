//! Placeholders for views that have nothing to show yet.

use egui::{RichText, Ui};
use egui_material_icons::icons::{ICON_ERROR, ICON_FILTER_ALT_OFF, ICON_IMAGE, ICON_RULE};

use crate::data::ClassNames;
use crate::data::images::ImageShape;
use crate::gui::action::{Action, FileAction, FilePurpose, RunAction, WindowAction};
use crate::gui::settings::Tab;
use crate::gui::theme;
use crate::gui::views::wheel::wheel_of_size;

/// Something is still being loaded or computed.
pub fn waiting_ui(ui: &mut Ui, text: &str) {
    middle(ui, |ui| {
        wheel_of_size(ui, 28.0);
        ui.add_space(8.0);
        ui.label(RichText::new(text).size(15.0));
    });
}

/// The filter leaves no image; returns whether the button that shows all was clicked.
pub fn nothing_matches_ui(ui: &mut Ui) -> bool {
    let mut clicked = false;
    middle(ui, |ui| {
        ui.label(RichText::new(ICON_FILTER_ALT_OFF.codepoint).size(36.0).weak());
        ui.label(RichText::new("No image matches").size(17.0));
        ui.weak("No image of this digit passes the filter and the limits in the chips.");
        ui.add_space(8.0);
        clicked = ui.button("Show all images").clicked();
    });
    clicked
}

/// Why nothing can be drawn.
pub struct Undrawable {
    /// What the images shown are.
    pub images: ImageShape,
    /// What the network takes.
    pub taken: ImageShape,
}

/// A pen can make nothing like the images; a picture can be opened, in place of a drawing or, where the network takes colours,
/// as data.
pub fn undrawable_ui(ui: &mut Ui, why: &Undrawable, actions: &mut Vec<Action>) {
    middle(ui, |ui| {
        if why.taken.is_colour() {
            ui.label(RichText::new(ICON_IMAGE.codepoint).size(36.0).weak());
            ui.label(RichText::new("This network takes colours").size(17.0));
            let text = format!(
                "It takes {} images, which no pen draws. Open a picture, or a folder of them, as data: each is ranked, and \
                 explained in the inspector.",
                why.taken
            );
            ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
            ui.add_space(8.0);
            if ui.button("Open pictures as data…").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::OpenData)));
            }
            return;
        }
        let shape = why.images;
        ui.label(RichText::new(ICON_IMAGE.codepoint).size(36.0).weak());
        ui.label(RichText::new("A picture in place of a drawing").size(17.0));
        let text = format!(
            "These images are {shape}: nothing that a pen draws is like them. Open, drop or paste a picture, and see what \
             the network makes of it; it is taken whole, and made what the network sees as these are."
        );
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        ui.add_space(8.0);
        if ui.button("Open picture…").clicked() {
            actions.push(Action::File(FileAction::Ask(FilePurpose::OpenPicture)));
        }
    });
}

/// No answer can be right or wrong.
pub fn nothing_to_judge_ui(ui: &mut Ui, names: &ClassNames, actions: &mut Vec<Action>) {
    middle(ui, |ui| {
        ui.label(RichText::new(ICON_RULE.codepoint).size(36.0).weak());
        ui.label(RichText::new("There is no right and wrong here").size(17.0));
        let (text, other) = if names.agree() {
            (
                "These images have no labels to compare the answers with. Foreign images can be measured all the same.",
                false,
            )
        } else {
            (
                "This network has other classes than the labels of these images, so that none of its answers can be \
                 right. Train a network on them, or open one that was.",
                true,
            )
        };
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        ui.add_space(8.0);
        if other {
            if ui.button("Train a network…").on_hover_text("Show the Train tab").clicked() {
                actions.push(Action::Window(WindowAction::ShowTab(Tab::Train)));
            }
            if ui.button("Open model…").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::OpenModel)));
            }
        }
    });
}

/// There are no images: they are still loading, or could not be loaded.
pub fn no_images_ui(ui: &mut Ui, failure: Option<&str>, actions: &mut Vec<Action>) {
    match failure {
        Some(message) => load_failed_ui(ui, message, actions),
        None => waiting_ui(ui, "Loading the images…"),
    }
}

fn load_failed_ui(ui: &mut Ui, message: &str, actions: &mut Vec<Action>) {
    middle(ui, |ui| {
        let colour = theme::palette(ui.visuals()).wrong;
        ui.label(RichText::new(ICON_ERROR.codepoint).size(36.0).color(colour));
        ui.label(RichText::new("The images could not be loaded").size(17.0));
        ui.add(egui::Label::new(RichText::new(message).weak()).wrap());
        ui.add_space(8.0);
        if ui.button("Open data folder…").clicked() {
            actions.push(Action::File(FileAction::Ask(FilePurpose::OpenData)));
        }
        if ui.button("Try again").on_hover_text("Look for MNIST here, then download it").clicked() {
            actions.push(Action::Run(RunAction::RetryDownload));
        }
        if ui.button("Use synthetic digits").clicked() {
            actions.push(Action::Run(RunAction::UseSynthetic));
        }
    });
}

/// The images are not those a person expects, because these could not be fetched.
pub fn fallback_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let colour = theme::palette(ui.visuals()).warning;
        ui.label(
            RichText::new("MNIST could not be downloaded: these digits are drawn by the program.")
                .color(colour),
        );
        if ui.button("Try again").on_hover_text("Look for MNIST here, then download it").clicked() {
            actions.push(Action::Run(RunAction::RetryDownload));
        }
        if ui.button("Open folder…").on_hover_text("A folder that holds MNIST's files").clicked() {
            actions.push(Action::File(FileAction::Ask(FilePurpose::OpenData)));
        }
    });
}

fn middle(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let space = ((ui.available_height() - 140.0) / 2.0).max(0.0);
    ui.add_space(space);
    ui.vertical_centered(content);
}
