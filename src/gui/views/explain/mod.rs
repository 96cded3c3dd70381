//! Why the image looked at is uncertain: a sentence, maps of what each patch and each pixel does, images it resembles,
//! the way to a rival.

mod data;
mod field;
mod maps;
mod neighbours;
mod slopes;
mod voters;
mod way;

use egui::{CollapsingHeader, Label, RichText, Ui};

use crate::gui::action::{Action, ExplainAction, FileAction, FilePurpose, Taken};
use crate::gui::atlas::Atlas;
use crate::gui::charts;
use crate::gui::theme;
use crate::gui::views::chart_menu::folding_charted_ui;
use crate::gui::views::headings::{folding, steady};
use crate::gui::views::terms;
use crate::help::Term;
use crate::shown::Seen;
use crate::shown::explain::ExplainView;

pub use data::ExplainData;
pub use voters::voters_ui;

/// Draws the sentence.
pub fn sentence_ui(ui: &mut Ui, reason: &str) {
    ui.add(Label::new(reason).wrap()).on_hover_text(
        "Predictive entropy = expected entropy (doubt each sub-network has by itself) + mutual information \
         (doubt from their disagreement). A sub-network is called sure when it gives its answer 0.9 or more; the \
         larger part is named only when the difference exceeds 1.96 standard errors.",
    );
}

/// Draws everything after the sentence: maps, images it resembles, the way to a rival.
pub fn parts_ui(ui: &mut Ui, data: &ExplainData<'_>, training: &mut Atlas, actions: &mut Vec<Action>) {
    let view = data.origin.and_then(|origin| data.state.of(origin));
    let patches = ("What each patch does to the doubt (same masks)", "maps of change");
    part_ui(ui, patches, view, actions, |ui, actions| maps::maps_ui(ui, data, actions), charts::change_maps);
    let slopes = ("What more ink at each pixel does (same masks)", "slopes by pixel");
    let sloped = view.filter(|view| view.gradient.is_some());
    part_ui(ui, slopes, sloped, actions, |ui, _| slopes::slopes_ui(ui, data), charts::slope_maps);
    let near = "Nearest training images, by hidden activations";
    let there = view.is_some_and(|view| view.rivals.is_some()) || data.state.training.is_none();
    folding(ui, "nearest", near, |ui| {
        steady(ui, "nearest", there, |ui| neighbours::neighbours_ui(ui, data, training, actions));
    });
    let way = ("The way to the nearest confident rival", "way to a rival");
    let found = view.filter(|view| view.way.as_ref().is_some_and(|way| way.to.is_some()));
    part_ui(ui, way, found, actions, |ui, actions| way::way_ui(ui, data, actions), charts::way_to_rival);
    ui.add_space(4.0);
    let hint = "Writes all of this as a picture, as `dubito explain` does";
    if ui.button("Export card…").on_hover_text(hint).clicked() {
        actions.push(Action::File(FileAction::Ask(FilePurpose::ExportCard)));
    }
}

/// Draws a part under its heading; once there is something to copy or save, its chart is offered.
fn part_ui(
    ui: &mut Ui,
    (heading, name): (&str, &'static str),
    view: Option<&ExplainView>,
    actions: &mut Vec<Action>,
    content: impl FnOnce(&mut Ui, &mut Vec<Action>),
    chart: fn(&ExplainView) -> Taken,
) {
    let content = |ui: &mut Ui, actions: &mut Vec<Action>| {
        steady(ui, name, view.is_some(), |ui| content(ui, actions));
    };
    if let Some(view) = view {
        folding_charted_ui(ui, heading, name, actions, content, || chart(view));
    } else {
        folding(ui, name, heading, |ui| content(ui, actions));
    }
}

/// Draws the explanation of a drawing under a heading that opens and closes it; closed, it is not computed.
pub fn drawing_ui(
    ui: &mut Ui,
    data: &ExplainData<'_>,
    open: bool,
    seen: &Seen,
    training: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    ui.add_space(8.0);
    let colour = theme::palette(ui.visuals()).weak;
    let heading = RichText::new("Why is it uncertain?").small().strong().color(colour);
    let shown = CollapsingHeader::new(heading).id_salt("why").open(Some(open)).show_unindented(ui, |ui| {
        sentence_ui(ui, &seen.reason);
        parts_ui(ui, data, training, actions);
    });
    let response = terms::named(ui, shown.header_response, Term::PredictiveEntropy, "");
    if response.clicked() {
        actions.push(Action::Explain(ExplainAction::Drawing(!open)));
    }
}
