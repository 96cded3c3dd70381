//! What a right click on any image offers, wherever the image comes from.

use egui::Ui;

use crate::gui::action::{Action, DrawAction, FileAction, FilePurpose, InspectorAction, RotateAction};
use crate::shown::subject::Origin;

/// Copy, save, draw on, turn.
pub(super) fn image_menu_ui(ui: &mut Ui, origin: Origin, actions: &mut Vec<Action>) {
    for (text, action) in [
        ("Copy image", Action::Inspector(InspectorAction::CopyImage(origin))),
        ("Save image…", Action::File(FileAction::Ask(FilePurpose::SaveImage(origin)))),
        ("Open in Draw", Action::Draw(DrawAction::OpenImage(origin))),
        ("Open in Rotate", Action::Rotate(RotateAction::Open(origin))),
    ] {
        if ui.button(text).clicked() {
            actions.push(action);
            ui.close();
        }
    }
}
