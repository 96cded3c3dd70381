//! The read-out of the lecture view: the numbers under the pointer, large and in one place.
//!
//! A view that shows numbers in a tooltip says them here too, in one line; who sits far away reads neither the tooltip nor
//! the axis. While the window is no lecture, nothing is said and nothing is kept.

use egui::{Align2, Context, FontId, Id, Panel, Rect, Response, Ui};

use crate::gui::theme;

/// Height of the strip.
const HEIGHT: f32 = 40.0;
/// Sizes of the text: the largest at which it fits.
const SIZES: [f32; 4] = [25.0, 22.0, 19.0, 16.0];

/// What was said in this frame.
#[derive(Clone, Debug, Default)]
struct Said(Option<String>);

fn memory() -> Id {
    Id::unique("read-out")
}

/// A frame begins; views are heard if `on`.
pub fn listen(context: &Context, on: bool) {
    context.data_mut(|data| {
        if on {
            data.insert_temp(memory(), Said::default());
        } else {
            data.remove::<Said>(memory());
        }
    });
}

/// Whether what is said is shown, so that a tooltip that says no more would only cover it.
#[must_use]
pub fn is_shown(context: &Context) -> bool {
    context.data(|data| data.get_temp::<Said>(memory())).is_some()
}

/// Says what the pointer is on.
pub fn say(context: &Context, text: impl FnOnce() -> String) {
    if is_shown(context) {
        let said = Said(Some(text()));
        context.data_mut(|data| data.insert_temp(memory(), said));
    }
}

/// Says what this is if the pointer is on it, or the keyboard while the pointer is on nothing that was said before.
pub fn say_of(response: &Response, text: impl FnOnce() -> String) {
    let silent =
        || response.ctx.data(|data| data.get_temp::<Said>(memory())).is_some_and(|said| said.0.is_none());
    if response.hovered() || (response.has_focus() && silent()) {
        say(&response.ctx, text);
    }
}

/// The strip kept free for it.
pub fn place_ui(ui: &mut Ui) -> Rect {
    let strip = Panel::bottom("read-out").resizable(false).exact_size(HEIGHT);
    strip.show(ui, |ui| ui.available_rect_before_wrap()).inner
}

/// Draws what was said in this frame, or `otherwise`, into the strip kept free for it.
pub fn readout_ui(ui: &Ui, place: Rect, otherwise: &str) {
    let said = ui.data(|data| data.get_temp::<Said>(memory())).unwrap_or_default().0;
    let (text, colour) = match &said {
        Some(said) => (said.as_str(), ui.visuals().strong_text_color()),
        None => (otherwise, theme::palette(ui.visuals()).weak),
    };
    let text = theme::drawn(text);
    let lay = |size| ui.painter().layout_no_wrap(text.clone(), FontId::proportional(size), colour);
    let fits = SIZES.into_iter().map(lay).find(|galley| galley.size().x <= place.width());
    let galley = fits.unwrap_or_else(|| {
        let last = FontId::proportional(SIZES[SIZES.len() - 1]);
        let mut job = egui::text::LayoutJob::simple_singleline(text.clone(), last, colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(place.width());
        ui.painter().layout_job(job)
    });
    let corner = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), place).min;
    ui.painter().galley(corner, galley, colour);
    let response = ui.interact(place, memory(), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Read-out: {text}")));
}
