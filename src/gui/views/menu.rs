//! What a right click on any image offers, wherever the image comes from.

use egui::Ui;

use crate::gui::action::{Action, FilePurpose};
use crate::gui::drawing::DrawAction;
use crate::gui::rotate::RotateAction;
use crate::worker::subject::Origin;

/// Copy, save, draw on, turn.
pub(super) fn image_menu_ui(ui: &mut Ui, origin: Origin, actions: &mut Vec<Action>) {
    for (text, action) in [
        ("Copy image", Action::CopyImage(origin)),
        ("Save image…", Action::AskFile(FilePurpose::SaveImage(origin))),
        ("Open in Draw", Action::Draw(DrawAction::OpenImage(origin))),
        ("Open in Rotate", Action::Rotate(RotateAction::Open(origin))),
    ] {
        if ui.button(text).clicked() {
            actions.push(action);
            ui.close();
        }
    }
}
