//! Training a network and watching it learn.

mod card;
mod clock;
mod curves;
mod data;
mod film;
mod form;

use egui::{RichText, ScrollArea, Ui};

use crate::gui::action::Action;
use crate::gui::atlas::Atlas;
use crate::gui::panel::train::TrainingRun;
use crate::gui::views::pace::Pace;
use crate::gui::views::plots::follow_focus;
use crate::gui::views::wheel::wheel_ui;

pub use data::TrainData;

/// What the view remembers between frames.
#[derive(Default)]
pub struct TrainMemory {
    pace: Pace,
}

/// Width of the form.
const FORM: f32 = 270.0;

/// Draws the view; the atlas is that of the film's images.
pub fn train_ui(
    ui: &mut Ui,
    data: &TrainData<'_>,
    atlas: &mut Atlas,
    memory: &mut TrainMemory,
    actions: &mut Vec<Action>,
) {
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(FORM);
            ScrollArea::vertical().id_salt("train form").show(ui, |ui| {
                form::form_ui(ui, data, actions);
                follow_focus(ui);
            });
        });
        ui.separator();
        ui.vertical(|ui| {
            if data.run.running.is_empty() && data.run.film.frames.is_empty() {
                empty_ui(ui, data.run);
                return;
            }
            clock::run(ui, &data.run.film, &mut memory.pace, actions);
            film::keyboard(ui, &data.run.film, actions);
            let height = ui.available_height();
            ScrollArea::vertical().id_salt("train film").auto_shrink(false).show(ui, |ui| {
                let top = ui.cursor().top();
                film::film_ui(ui, data.run, height, atlas, actions);
                let left = height - (ui.cursor().top() - top);
                curves::curves_ui(ui, data.run, left, actions);
                follow_focus(ui);
            });
        });
    });
}

/// What will be here, before there is anything.
fn empty_ui(ui: &mut Ui, run: &TrainingRun) {
    ui.add_space(ui.available_height() * 0.35);
    ui.vertical_centered(|ui| {
        if run.active {
            wheel_ui(ui);
            return;
        }
        ui.label(RichText::new("Watch a network learn").size(16.0));
        ui.weak("What it says of a few images, its doubt, loss and accuracy appear here, epoch by epoch.");
        ui.weak("The gallery stays as it is until the new network is ready; the bundled one is kept.");
    });
}
