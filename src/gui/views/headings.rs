//! Headings of the parts of a panel.

use egui::{CollapsingHeader, Rect, RichText, Ui};

use super::terms;
use crate::gui::theme;

/// A small heading.
pub(super) fn section(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    heading_ui(ui, text);
}

/// The heading alone: where the glossary has a word for it, a click opens that.
pub(super) fn heading_ui(ui: &mut Ui, text: &str) {
    let heading = RichText::new(text).small().strong().color(theme::palette(ui.visuals()).weak);
    match terms::of_heading(text) {
        Some(term) => drop(terms::term_ui(ui, heading, term)),
        None => drop(ui.label(heading)),
    }
}

/// A small heading that opens and closes what is under it, open at first. Gives back the heading's place and, while
/// it is open, that of the content and what the content gave.
pub(super) fn folding<R>(
    ui: &mut Ui,
    id: &str,
    heading: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> (Rect, Option<(Rect, R)>) {
    ui.add_space(8.0);
    let text = RichText::new(heading).small().strong().color(theme::palette(ui.visuals()).weak);
    let shown = CollapsingHeader::new(text).id_salt(id).default_open(true).show_unindented(ui, content);
    let response = shown.header_response.clone();
    match terms::of_heading(heading) {
        Some(term) => drop(terms::named(ui, response, term, "")),
        None => drop(response.on_hover_text("A click folds this part away, or opens it")),
    }
    let body = shown.body_response.map(|response| response.rect).zip(shown.body_returned);
    (shown.header_response.rect, body)
}

/// Keeps the height that some content had when it was last there for as long as it is not, so that nothing below it
/// jumps.
pub(super) fn steady<R>(ui: &mut Ui, id: &str, there: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(("height", id));
    let last: Option<f32> = ui.data(|data| data.get_temp(id)).filter(|_| !there);
    let inner = ui.scope(|ui| {
        let top = ui.cursor().top();
        let answer = content(ui);
        if let Some(last) = last {
            ui.add_space((last - (ui.cursor().top() - top)).max(0.0));
        }
        (answer, ui.cursor().top() - top)
    });
    let (answer, height) = inner.inner;
    if there {
        ui.data_mut(|data| data.insert_temp(id, height));
    }
    answer
}
