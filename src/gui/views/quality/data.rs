//! What the parts of the quality view share: what they show, what they pass on, how they begin.

use egui::{Rect, RichText, Ui, Vec2};

use crate::data::Digits;
use crate::gui::action::{Action, HighlightAction, QualityAction, Subset, Taken};
use crate::gui::panel::quality::{OverDropoutPanel, QualityPanel};
use crate::gui::shared::{Selected, Shared};
use crate::gui::views::chart_menu::chart_menu_ui;
use crate::gui::views::strip::Lights;
use crate::gui::views::terms;
use crate::shown::highlight::Highlight;
use crate::shown::over_dropout::OverDropoutView;
use crate::shown::quality::ForeignView;
use crate::shown::subject::Origin;
use crate::uncertainty::Measure;

/// Two charts stand side by side from this width on: the table by digit needs half of it.
const PAIR: f32 = 640.0;

/// What is shown of the quality at several dropout rates.
pub struct OverDropoutData<'a> {
    /// The numbers.
    pub view: Option<&'a OverDropoutView>,
    /// Whether they are of another network, T or seed than those in use.
    pub older: bool,
    /// The share that is done while they are being computed, 0…1.
    pub progress: Option<f32>,
    /// The rate in use; `None` where each site has its own.
    pub now: Option<f32>,
}

/// What the quality view shows.
pub struct QualityData<'a> {
    /// What is known.
    pub state: &'a QualityPanel,
    /// The images lit up.
    pub highlight: Option<&'a Highlight>,
    /// Images and labels.
    pub digits: &'a Digits,
    /// What is selected.
    pub selected: &'a Selected,
    /// The image in the inspector.
    pub inspected: Option<Origin>,
    /// The seed for distorting digits.
    pub seed: u64,
    /// Foreign images compared with; of an older question until the new ones are there.
    pub foreign: Option<&'a ForeignView>,
    /// The quality at several dropout rates.
    pub over_dropout: OverDropoutData<'a>,
    /// Whether foreign images are still awaited.
    pub foreign_waits: bool,
    /// Whether the numbers are of another network, p, T or seed than what is asked for now.
    pub older: bool,
}

impl<'a> OverDropoutData<'a> {
    /// What is known, beside what is in use.
    #[must_use]
    pub fn new(panel: &'a OverDropoutPanel, shared: &Shared) -> Self {
        Self {
            view: panel.view.as_deref(),
            older: panel.is_older(shared),
            progress: OverDropoutPanel::progress(shared),
            now: (!shared.model.what.has_own_rates()).then_some(shared.settings.sweep.dropout),
        }
    }
}

impl QualityData<'_> {
    /// The doubt from which an image is called foreign.
    pub(super) fn threshold(&self) -> f32 {
        self.state.threshold(self.foreign)
    }

    /// Which images stand out.
    pub(super) fn lights(&self) -> Lights<'_> {
        Lights { highlight: self.highlight, selected: self.selected, inspected: self.inspected }
    }
}

/// What parts of the view pass on: actions, and what the pointer is on.
pub(super) struct Answers<'a> {
    /// What a person did.
    pub(super) actions: &'a mut Vec<Action>,
    /// What the pointer or the keyboard is on.
    pub(super) hovered: Option<Subset>,
}

impl Answers<'_> {
    pub(super) fn push(&mut self, action: QualityAction) {
        self.actions.push(Action::Quality(action));
    }

    /// Treats images doubted at least this much as foreign, if that changes the threshold.
    pub(super) fn call(&mut self, wanted: Option<f32>, now: f32) {
        if let Some(wanted) = wanted.filter(|wanted| wanted.to_bits() != now.to_bits()) {
            self.push(QualityAction::Threshold(wanted));
        }
    }

    /// Refuses this many images, if that changes their number, and lights them up.
    pub(super) fn refuse(&mut self, measure: Measure, wanted: Option<usize>, now: usize) {
        let Some(wanted) = wanted else { return };
        if wanted != now {
            self.push(QualityAction::Refuse(wanted));
        }
        self.hovered = Some(Subset::Refused(measure, wanted));
    }

    pub(super) fn select(&mut self, subset: Subset) {
        self.actions.push(Action::Highlight(HighlightAction::Select(subset)));
    }

    /// Handles the pointer on a part of a chart.
    pub(super) fn take(&mut self, response: &egui::Response, subset: Subset) {
        if response.hovered() || response.has_focus() {
            self.hovered = Some(subset);
        }
        if response.clicked() {
            self.select(subset);
        }
    }
}

/// Draws a part with the menu of its chart at the end of its heading.
pub(super) fn part_ui<T: Into<Taken>>(
    ui: &mut Ui,
    name: &'static str,
    answers: &mut Answers<'_>,
    draw: impl FnOnce(&mut Ui, &mut Answers<'_>),
    chart: impl FnOnce() -> T,
) {
    let top = ui.cursor().min + Vec2::new(0.0, ABOVE_HEADING);
    // Columns stretch the lines of a text to their width otherwise.
    ui.with_layout(egui::Layout::top_down(egui::Align::LEFT), |ui| draw(ui, answers));
    let end = egui::pos2(ui.max_rect().right(), ui.min_rect().bottom());
    chart_menu_ui(ui, Rect::from_min_max(top, end), name, answers.actions, chart);
}

/// Room above the heading of a part.
const ABOVE_HEADING: f32 = 10.0;

/// The heading of a part.
pub(super) fn heading(ui: &mut Ui, text: &str, hint: &str) {
    ui.add_space(ABOVE_HEADING);
    match terms::of_heading(text) {
        Some(term) => drop(terms::hinted_ui(ui, RichText::new(text).strong(), term, hint)),
        None => drop(ui.label(RichText::new(text).strong()).on_hover_text(hint)),
    }
}

/// How many charts stand side by side.
pub(super) fn pair(ui: &Ui) -> usize {
    if ui.available_width() < PAIR { 1 } else { 2 }
}

/// The right one of two columns, or the one there is.
pub(super) fn last(columns: &mut [Ui]) -> &mut Ui {
    let last = columns.len() - 1;
    &mut columns[last]
}
