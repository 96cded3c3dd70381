//! Words that the glossary explains: its first sentence as a tooltip, and the whole at a click or with F1.
//!
//! A word is no stop of the Tab key, of which there would be dozens; a control that has the focus and is named by a
//! word gives it to F1, and the palette finds every word by typing it.

use egui::{Context, CursorIcon, Id, Label, Rect, Response, RichText, Sense, Shape, Ui};

use crate::gui::action::{Action, WindowAction};
use crate::gui::theme;
use crate::help::{Term, Topic};
use crate::uncertainty::Measure;

/// Draws a word.
pub(super) fn term_ui(ui: &mut Ui, text: impl Into<RichText>, term: Term) -> Response {
    hinted_ui(ui, text, term, "")
}

/// Draws a word; `hint` is what else there is to say of it here.
pub(super) fn hinted_ui(ui: &mut Ui, text: impl Into<RichText>, term: Term, hint: &str) -> Response {
    let response = ui.add(Label::new(text.into()).selectable(false).sense(Sense::CLICK).truncate());
    explained(ui, response, term, hint)
}

/// Lets a label that senses clicks open its word; `hint` is what else there is to say of it.
pub(super) fn explained(ui: &Ui, response: Response, term: Term, hint: &str) -> Response {
    if response.clicked() {
        ask(ui.ctx(), term);
    }
    if response.hovered() {
        let colour = theme::palette(ui.visuals()).weak;
        let (left, right) = (response.rect.left_bottom(), response.rect.right_bottom());
        ui.painter().extend(Shape::dotted_line(&[left, right], colour, 4.0, 0.8));
    }
    let response = response.on_hover_cursor(CursorIcon::Help);
    pointed(ui, response, term, hint, "A click opens the glossary.")
}

/// Explains a control that does something else when clicked: F1 opens its word.
pub(super) fn named(ui: &Ui, response: Response, term: Term, hint: &str) -> Response {
    pointed(ui, response, term, hint, "F1 opens the glossary.")
}

/// A word that is painted rather than a widget.
pub(super) fn painted(ui: &Ui, place: Rect, text: &str, term: Term) {
    let response = ui.interact(place, ui.scope_id().with(("term", text)), Sense::CLICK);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    explained(ui, response, term, "");
}

fn pointed(ui: &Ui, response: Response, term: Term, hint: &str, how: &str) -> Response {
    if response.hovered() || response.has_focus() {
        let frame = ui.ctx().cumulative_pass_nr();
        ui.data_mut(|data| data.insert_temp(pointed_id(), (frame, term)));
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(ui.spacing().tooltip_width);
        if !hint.is_empty() {
            ui.label(hint);
        }
        ui.label(format!("{}: {}", term.heading(), term.first_sentence()));
        ui.label(RichText::new(how).small().color(theme::palette(ui.visuals()).weak));
    })
}

fn asked_id() -> Id {
    Id::unique("asked term")
}

fn pointed_id() -> Id {
    Id::unique("pointed term")
}

/// Asks for a word's entry.
pub(super) fn ask(context: &Context, term: Term) {
    context.data_mut(|data| data.insert_temp(asked_id(), Some(term)));
}

fn opens(term: Term) -> Action {
    let block = term.entry().map_or(0, |entry| entry.block);
    Action::Window(WindowAction::ShowHelpAt(Topic::Glossary, block))
}

/// What opens the word that was clicked in this frame.
#[must_use]
pub fn asked(context: &Context) -> Option<Action> {
    context.data_mut(|data| data.remove_temp::<Option<Term>>(asked_id())).flatten().map(opens)
}

/// The help that F1 means: that of the word the pointer or the focus was on in the last frame, or `action` itself.
#[must_use]
pub fn meant(context: &Context, action: Action) -> Action {
    if action != Action::Window(WindowAction::ShowHelp(Topic::Window)) {
        return action;
    }
    let now = context.cumulative_pass_nr();
    let pointed: Option<(u64, Term)> = context.data(|data| data.get_temp(pointed_id()));
    pointed.filter(|(frame, _)| frame + 1 >= now).map_or(action, |(_, term)| opens(term))
}

/// The word for a measure.
pub(super) fn of_measure(measure: Measure) -> Term {
    match measure {
        Measure::PredictiveEntropy => Term::PredictiveEntropy,
        Measure::ExpectedEntropy => Term::ExpectedEntropy,
        Measure::MutualInformation => Term::MutualInformation,
        Measure::VariationRatio => Term::VariationRatio,
        Measure::PredictiveStd => Term::PredictiveStd,
        Measure::Confidence => Term::Confidence,
        Measure::Margin => Term::Margin,
        Measure::LabelMargin => Term::LabelMargin,
        Measure::LabelSuspicion => Term::LabelSuspicion,
        Measure::MeanLogitEntropy => Term::MeanLogitEntropy,
    }
}

/// What headings begin with, and the word that explains them.
const HEADINGS: [(&str, Term); 27] = [
    ("Why is it uncertain?", Term::PredictiveEntropy),
    ("Predictive mean", Term::PredictiveMean),
    ("This pass over the mean", Term::PredictiveMean),
    ("Measures ±", Term::StandardError),
    ("Sampled probabilities", Term::Passes),
    ("Entropy and mutual information against T", Term::BiasCorrection),
    ("The cloud", Term::Softmax),
    ("Closest images", Term::HiddenActivations),
    ("Nearest training images", Term::HiddenActivations),
    ("What each patch", Term::Mask),
    ("What a little more ink", Term::Mask),
    ("The way to", Term::Rival),
    ("Shelves", Term::Shelf),
    ("Reliability", Term::Calibration),
    ("Refusing by", Term::Refusal),
    ("Against the number of passes", Term::Passes),
    ("Quality against p", Term::DropoutRate),
    ("Errors detected", Term::Auroc),
    ("Entropy changed most", Term::PredictiveEntropy),
    ("ROC", Term::Auroc),
    ("Digits refused", Term::Refusal),
    ("Own images refused", Term::Refusal),
    ("Foreign images accepted", Term::Foreign),
    ("Foreign images detected", Term::Auroc),
    ("Confidently wrong", Term::Confidence),
    ("AUROC", Term::Auroc),
    ("AURC", Term::Refusal),
];

/// Parts of names in the tables of Quality, and the word that explains them.
const NAMES: [(&str, Term); 5] = [
    ("NLL", Term::Nll),
    ("Brier", Term::Brier),
    ("ECE", Term::Calibration),
    ("Error AUROC", Term::Auroc),
    ("Entropy", Term::PredictiveEntropy),
];

/// The word that explains a heading, which may begin with a measure.
pub(super) fn of_heading(text: &str) -> Option<Term> {
    let begins = |(start, term): &(&str, Term)| text.starts_with(start).then_some(*term);
    let measure = |measure: &Measure| text.starts_with(measure.label()).then(|| of_measure(*measure));
    HEADINGS
        .iter()
        .find_map(begins)
        .or_else(|| Measure::ALL.iter().find_map(measure))
        .or_else(|| NAMES.iter().find_map(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_heading_and_of_a_measure_is_in_the_glossary() {
        let words = HEADINGS.iter().chain(&NAMES).map(|(_, term)| *term);
        for term in words.chain(Measure::ALL.map(of_measure)) {
            assert!(term.entry().is_some_and(|entry| !entry.first.is_empty()), "{}", term.heading());
        }
    }

    #[test]
    fn a_measure_is_found_under_its_own_name_however_its_heading_goes_on() {
        for measure in Measure::ALL {
            let heading = format!("{} of right and wrong images", measure.label());
            assert_eq!(of_heading(&heading), Some(of_measure(measure)), "{heading}");
        }
        assert_eq!(of_heading("Train a network"), None);
    }
}
