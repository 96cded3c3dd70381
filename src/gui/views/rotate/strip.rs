//! The images of the course under the plots, each below its amount: what the network is shown and what it answers.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Pos2, Rect, Sense, Ui, Vec2};

use super::parts::{framed, small};
use crate::data::Digits;
use crate::data::kept::to_bytes;
use crate::gui::action::{Action, RotateAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::chart::{LEFT, RIGHT};
use crate::gui::views::names::fitted;
use crate::shown::rotate::RotateView;
use crate::wording;

/// Room for image, answer and entropy.
pub(super) const HEIGHT: f32 = 84.0;
/// Maximum width of an image, in points.
const WIDEST: f32 = 52.0;
/// Minimum room for an image and its entropy: with more steps, some are left out.
const NARROWEST: f32 = 34.0;

/// The thumbnails of the steps.
#[derive(Default)]
pub(super) struct StripMemory {
    view: Option<Arc<RotateView>>,
    digits: Digits,
    atlas: Atlas,
    generation: u64,
}

impl StripMemory {
    fn update(&mut self, view: &Arc<RotateView>) {
        if self.view.as_ref().is_none_or(|old| !Arc::ptr_eq(old, view)) {
            let pixels: Vec<u8> = view.steps.iter().flat_map(|step| to_bytes(&step.image)).collect();
            self.digits = Digits::new(pixels, vec![0; view.steps.len()]).unwrap_or_default();
            self.generation += 1;
            self.view = Some(Arc::clone(view));
        }
        self.atlas.begin_frame(&self.digits, self.generation);
    }
}

/// Draws the strip; a click turns the dial there.
pub(super) fn strip_ui(
    ui: &mut Ui,
    view: &Arc<RotateView>,
    state: &RotatePanel,
    memory: &mut StripMemory,
    actions: &mut Vec<Action>,
) {
    memory.update(view);
    let (colours, [paper, ink]) = (theme::palette(ui.visuals()), theme::on_paper(ui));
    let (whole, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    let course = view.key.course;
    let room = (whole.width() - LEFT - RIGHT) / course.steps as f32;
    let every = ((NARROWEST / room).ceil() as usize).max(1);
    let size = (room * every as f32 - 4.0).min(WIDEST);
    let at_dial = course.nearest(state.dial);
    let mut thumbnails = Thumbnails::default();
    for first in (0..view.steps.len()).step_by(every) {
        let middle = whole.left() + LEFT + (first as f32 + 0.5) * room;
        // Of the steps that share a place, the one at the dial is seen, else the first.
        let chosen = (first..first + every).contains(&at_dial) && at_dial < view.steps.len();
        let at = if chosen { at_dial } else { first };
        let step = &view.steps[at];
        let image =
            Rect::from_center_size(Pos2::new(middle, whole.top() + 3.0 + size / 2.0), Vec2::splat(size));
        let cell = Rect::from_min_max(image.min, Pos2::new(image.right(), whole.bottom()));
        let amount = course.by.amount(step.amount);
        let measures = &step.measures;
        let prediction = view.names.answers.name(measures.prediction());
        let name =
            format!("Step at {amount}: answer {prediction}, H {:.2} nats", measures.predictive_entropy);
        let response = ui.interact(cell, ui.scope_id().with(("step", first)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
        ui.painter().rect_filled(image, CornerRadius::same(2), paper);
        if let Some(picture) = memory.atlas.cell(ui.ctx(), &memory.digits, at as u32) {
            thumbnails.add(picture, image, ink);
        }
        framed(ui, image, chosen || response.hovered() || response.has_focus());
        let font = egui::FontId::proportional(if view.names.answers.are_numbers() { 13.0 } else { 10.0 });
        let text = ui.visuals().text_color();
        let below = Pos2::new(middle, image.bottom() + 2.0);
        let room = room * every as f32 - 2.0;
        let shown = fitted(ui.painter(), prediction, &font, room);
        ui.painter().text(below, Align2::CENTER_TOP, shown, font, text);
        let entropy = wording::short(measures.predictive_entropy, 2);
        small(ui, below + Vec2::new(0.0, 15.0), Align2::CENTER_TOP, entropy, colours.weak);
        if response.clicked() {
            actions.push(Action::Rotate(RotateAction::Dial(step.amount)));
        }
        response.on_hover_text(name);
    }
    thumbnails.paint(ui.painter());
    let first = Pos2::new(whole.left() + LEFT - 12.0, whole.top() + 3.0 + size);
    small(ui, first + Vec2::new(0.0, 4.0), Align2::RIGHT_TOP, "answer", colours.weak);
    small(ui, first + Vec2::new(0.0, 17.0), Align2::RIGHT_TOP, "H", colours.weak);
}
