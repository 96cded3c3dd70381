//! The predictive mean as bars with error whiskers and votes: in the inspector, and wherever one image is looked at.

use egui::{Align2, CornerRadius, FontId, Pos2, Rect, Response, RichText, Sense, Stroke, Ui};

use crate::data::{Class, ClassNames};
use crate::gui::charts::class_named;
use crate::gui::theme;
use crate::shown::subnetwork::number;
use crate::uncertainty::Measures;
use crate::wording;

use super::names::{ALL_SHOWN, fitted, shown_classes};
use super::readout;

/// Height of the bars at probability 1.
const HEIGHT: f32 = 96.0;
/// Room below for class and votes.
const FOOT: f32 = 34.0;

/// What the bars show.
pub struct PredictionData<'a> {
    /// Measures of the image.
    pub measures: &'a Measures,
    /// What labels and answers are called.
    pub names: &'a ClassNames,
    /// Its label, if it has one.
    pub label: Option<Class>,
    /// The class looked at.
    pub class: Class,
    /// The sub-network looked at, and its probability of each class: marked in every bar.
    pub one: Option<(usize, &'a [f32])>,
}

/// Draws the bars; returns which was clicked.
pub fn prediction_ui(ui: &mut Ui, data: &PredictionData<'_>) -> Option<Class> {
    if !data.names.answers.are_numbers() || data.measures.mean.len() > ALL_SHOWN {
        return rows_ui(ui, data);
    }
    let classes = data.measures.mean.len();
    let width = ui.available_width();
    let (area, _) = ui.allocate_exact_size(egui::vec2(width, HEIGHT + FOOT + 8.0), Sense::hover());
    let colours = theme::palette(ui.visuals());
    let column = width / classes as f32;
    let base = area.top() + 8.0 + HEIGHT;
    for share in [0.0, 0.5, 1.0] {
        let y = base - share * HEIGHT;
        ui.painter().hline(area.x_range(), y, Stroke::new(1.0, colours.faint));
    }
    let mut clicked = None;
    for class in 0..classes {
        let left = area.left() + class as f32 * column;
        let cell = Rect::from_min_max(Pos2::new(left, area.top()), Pos2::new(left + column, area.bottom()));
        let response = ui.interact(cell, ui.scope_id().with(("class", class)), Sense::click());
        let mean = data.measures.mean[class];
        let votes = data.measures.votes[class];
        response.widget_info(|| {
            let name = format!("Class {class}, probability {}", wording::percent(mean));
            egui::WidgetInfo::selected(egui::Role::Button, true, class as Class == data.class, name)
        });
        if response.clicked() {
            clicked = Some(class as Class);
        }
        let painter = ui.painter();
        if class as Class == data.class || response.hovered() || response.has_focus() {
            painter.rect_filled(cell, CornerRadius::same(4), ui.visuals().faint_bg_color);
        }
        let predicted = class as Class == data.measures.prediction();
        let colour = if predicted { colours.accent } else { colours.accent.gamma_multiply(0.55) };
        let bar = Rect::from_min_max(
            Pos2::new(left + column * 0.18, base - mean * HEIGHT),
            Pos2::new(left + column * 0.82, base),
        );
        painter.rect_filled(bar, CornerRadius { nw: 2, ne: 2, sw: 0, se: 0 }, colour);
        whisker(ui, data.measures, class, left + column / 2.0, base);
        if let Some((_, answers)) = data.one {
            let y = base - answers[class] * HEIGHT;
            one_mark(ui, Rect::from_x_y_ranges(bar.x_range(), y..=y));
        }
        let is_label = data.names.agree() && data.label == Some(class as Class);
        let text_colour = if is_label { colours.second } else { ui.visuals().text_color() };
        let digit = Pos2::new(left + column / 2.0, base + 3.0);
        let drawn = painter.text(
            digit,
            Align2::CENTER_TOP,
            class.to_string(),
            FontId::proportional(14.0),
            text_colour,
        );
        if is_label {
            painter.hline(drawn.x_range().expand(2.0), drawn.bottom(), Stroke::new(2.0, colours.second));
        }
        if votes > 0 {
            let place = Pos2::new(left + column / 2.0, base + 20.0);
            let font = FontId::proportional(10.5);
            painter.text(place, Align2::CENTER_TOP, votes.to_string(), font, colours.weak);
        }
        told(data, class, response);
    }
    clicked
}

/// Height of a row of [`rows_ui`].
const ROW: f32 = 20.0;

/// The bars side on, each behind its class's name: of many classes the likeliest, and what is left over for the others.
fn rows_ui(ui: &mut Ui, data: &PredictionData<'_>) -> Option<Class> {
    let colours = theme::palette(ui.visuals());
    let measures = data.measures;
    let own = data.one.map_or(&measures.mean[..], |(_, own)| own);
    let mut classes = shown_classes(own, &measures.mean);
    let missing =
        |label: &usize| *label < measures.mean.len() && !classes.contains(label) && data.names.agree();
    if let Some(label) = data.label.map(usize::from).filter(missing) {
        classes.push(label);
    }
    let width = ui.available_width();
    let names = (width * 0.36).min(150.0);
    let votes = 40.0;
    let length = (width - names - votes - 12.0).max(20.0);
    let mut clicked = None;
    for class in &classes {
        let class = *class;
        let (area, response) = ui.allocate_exact_size(egui::vec2(width, ROW), Sense::click());
        let name = data.names.answers.name(class as Class);
        let (mean, error) = (measures.mean[class], measures.mean_se[class]);
        response.widget_info(|| {
            let said = format!("{name}, probability {}", wording::percent(mean));
            egui::WidgetInfo::selected(egui::Role::Button, true, class as Class == data.class, said)
        });
        if response.clicked() {
            clicked = Some(class as Class);
        }
        let painter = ui.painter();
        if class as Class == data.class || response.hovered() || response.has_focus() {
            painter.rect_filled(area, CornerRadius::same(4), ui.visuals().faint_bg_color);
        }
        let is_label = data.names.agree() && data.label == Some(class as Class);
        let colour = if is_label { colours.second } else { ui.visuals().text_color() };
        let font = FontId::proportional(12.5);
        let text = fitted(painter, name, &font, names - 4.0);
        let drawn = painter.text(area.left_center(), Align2::LEFT_CENTER, text, font, colour);
        if is_label {
            painter.hline(drawn.x_range(), drawn.bottom() - 1.0, Stroke::new(2.0, colours.second));
        }
        let from = area.left() + names + 4.0;
        let x = |p: f32| from + p.clamp(0.0, 1.0) * length;
        let bar = Rect::from_x_y_ranges(from..=x(mean), area.top() + 4.0..=area.bottom() - 4.0);
        let predicted = class as Class == measures.prediction();
        let shade = if predicted { colours.accent } else { colours.accent.gamma_multiply(0.55) };
        painter.hline(from..=from + length, area.bottom() - 3.0, Stroke::new(1.0, colours.faint));
        painter.rect_filled(bar, CornerRadius::same(2), shade);
        if error.is_finite() && error * length >= 0.5 {
            let stroke = Stroke::new(1.5, ui.visuals().strong_text_color());
            let ends = [x(mean - error), x(mean + error)];
            painter.hline(ends[0]..=ends[1], area.center().y, stroke);
            for end in ends {
                painter.vline(end, area.center().y - 3.0..=area.center().y + 3.0, stroke);
            }
        }
        if let Some((_, answers)) = data.one {
            let stroke = Stroke::new(3.0, colours.second);
            painter.vline(x(answers[class]), area.top() + 2.0..=area.bottom() - 2.0, stroke);
        }
        if measures.votes[class] > 0 {
            let font = FontId::proportional(10.5);
            let votes = measures.votes[class].to_string();
            painter.text(area.right_center(), Align2::RIGHT_CENTER, votes, font, colours.weak);
        }
        told(data, class, response);
    }
    let others = measures.mean.len() - classes.len();
    if others > 0 {
        let shown: f32 = classes.iter().map(|class| measures.mean[*class]).sum();
        let rest = wording::percent((1.0 - shown).max(0.0));
        let votes: u32 = classes.iter().map(|class| measures.votes[*class]).sum();
        let votes = wording::count(measures.passes.saturating_sub(votes) as usize, "vote");
        let text = format!("{} together: {rest}, {votes}", wording::count(others, "other class"));
        ui.label(RichText::new(text).small().weak());
    }
    clicked
}

/// The numbers of a bar, in the read-out and under the pointer.
fn told(data: &PredictionData<'_>, class: usize, response: Response) {
    let (mean, votes) = (data.measures.mean[class], data.measures.votes[class]);
    let named = class_named(&data.names.answers, class as Class);
    let with_error = wording::with_error(mean, Some(data.measures.mean_se[class]));
    readout::say_of(&response, || {
        let one = data
            .one
            .map(|(pass, answers)| format!(" · #{}: {}", number(pass), wording::short(answers[class], 2)));
        let named = wording::first_upper(&named);
        let passes = data.measures.passes;
        format!("{named}: {with_error} · {votes} of {passes} passes{}", one.unwrap_or_default())
    });
    if readout::is_shown(&response.ctx) {
        return;
    }
    response.on_hover_ui(|ui| {
        ui.strong(wording::first_upper(&named));
        ui.label(format!("p = {with_error}"));
        ui.label(format!("{votes} of {} passes vote for it", data.measures.passes));
        if let Some((pass, answers)) = data.one {
            ui.label(format!("sub-network #{}: {}", number(pass), wording::short(answers[class], 3)));
        }
        if data.label == Some(class as Class) && data.names.agree() {
            ui.label("its label");
        }
    });
}

/// What one sub-network says, across a bar.
fn one_mark(ui: &Ui, line: Rect) {
    let colours = theme::palette(ui.visuals());
    ui.painter().hline(line.x_range().expand(2.0), line.top(), Stroke::new(3.0, colours.second));
}

/// ±1 standard error around the top of a bar.
fn whisker(ui: &Ui, measures: &Measures, class: usize, x: f32, base: f32) {
    let (mean, error) = (measures.mean[class], measures.mean_se[class]);
    if !error.is_finite() || error * HEIGHT < 0.5 {
        return;
    }
    let y = |p: f32| base - p.clamp(0.0, 1.0) * HEIGHT;
    let stroke = Stroke::new(1.5, ui.visuals().strong_text_color());
    let (high, low) = (y(mean + error), y(mean - error));
    let painter = ui.painter();
    painter.vline(x, high..=low, stroke);
    for end in [high, low] {
        painter.hline(x - 3.0..=x + 3.0, end, stroke);
    }
}
