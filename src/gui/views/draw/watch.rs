//! One pass at a time: what this sub-network says, over the mean of all passes so far.

use egui::{Align2, CornerRadius, FontId, Pos2, Rect, RichText, Sense, Slider, Stroke, Ui};
use egui_material_icons::icons::{ICON_PAUSE, ICON_PLAY_ARROW, ICON_SKIP_NEXT, ICON_SKIP_PREVIOUS};

use crate::data::{Class, Classes};
use crate::gui::action::{Action, DrawAction};
use crate::gui::panel::draw::Watch;
use crate::gui::theme;
use crate::gui::views::names::{fitted, shown_classes};
use crate::gui::views::pace::Pace;
use crate::shown::Seen;
use crate::uncertainty::by_pass::SoFar;
use crate::wording;

use crate::gui::views::buttons::icon_button;

/// Seconds a pass stays during play: the first ones long enough to read, the rest within ten seconds or so.
fn stay(pass: usize) -> f64 {
    if pass < 6 { 0.6 } else { 0.09 }
}

/// Height of the bars at probability 1.
const HEIGHT: f32 = 96.0;

/// Draws the bars of a pass over the mean so far, and the controls that play them.
pub(super) fn watch_ui(ui: &mut Ui, watch: Watch, seen: &Seen, pace: &mut Pace, actions: &mut Vec<Action>) {
    let passes = seen.probabilities.len();
    let pass = watch.pass.clamp(1, passes.max(1));
    run(ui, watch, pass, passes, pace, actions);
    let by_pass = &seen.by_pass;
    let (own, so_far) = (seen.probabilities.get(pass - 1), by_pass.so_far.get(pass - 1));
    let (Some(own), Some(so_far)) = (own, so_far) else { return };
    bars_ui(ui, &seen.names.answers, own, so_far);
    ui.horizontal(|ui| {
        let mut step = |ui: &mut Ui, icon, hint, action| {
            if icon_button(ui, icon, hint).clicked() {
                actions.push(Action::Draw(action));
            }
        };
        step(ui, ICON_SKIP_PREVIOUS, "Previous pass", DrawAction::WatchPass(pass.saturating_sub(1)));
        if watch.playing {
            step(ui, ICON_PAUSE, "Pause", DrawAction::WatchPlay(false));
        } else {
            step(ui, ICON_PLAY_ARROW, "Play the passes", DrawAction::WatchPlay(true));
        }
        step(ui, ICON_SKIP_NEXT, "Next pass", DrawAction::WatchPass(pass + 1));
        let mut chosen = pass;
        ui.spacing_mut().slider_width = (ui.available_width() - 60.0).max(60.0);
        let response = ui.add(Slider::new(&mut chosen, 1..=passes.max(1)));
        response.widget_info(|| egui::WidgetInfo::slider(true, pass as f64, "Pass shown"));
        if response.changed() {
            actions.push(Action::Draw(DrawAction::WatchPlay(false)));
            actions.push(Action::Draw(DrawAction::WatchPass(chosen)));
        }
    });
    let says = usize::from(by_pass.says[pass - 1]);
    let text = format!(
        "Sub-network {pass} of {passes} says {} ({}); {} of {} so far say so too.",
        seen.names.answers.name(by_pass.says[pass - 1]),
        wording::percent(own[says]),
        so_far.votes[says],
        wording::count(pass, "pass"),
    );
    ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
}

fn run(ui: &Ui, watch: Watch, pass: usize, passes: usize, pace: &mut Pace, actions: &mut Vec<Action>) {
    if !watch.playing || pass >= passes {
        pace.stop();
    } else if pace.is_due(ui, stay(pass), stay(pass + 1)) {
        actions.push(Action::Draw(DrawAction::WatchPass(pass + 1)));
    }
}

fn bars_ui(ui: &mut Ui, answers: &Classes, own: &[f32], SoFar { mean, votes }: &SoFar) {
    let width = ui.available_width();
    let (area, response) = ui.allocate_exact_size(egui::vec2(width, HEIGHT + 42.0), Sense::hover());
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "One pass over the mean so far"));
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    // The largest few of many.
    let classes = shown_classes(own, mean);
    let column = width / classes.len().max(1) as f32;
    let base = area.top() + 8.0 + HEIGHT;
    for share in [0.0, 0.5, 1.0] {
        painter.hline(area.x_range(), base - share * HEIGHT, Stroke::new(1.0, colours.faint));
    }
    for (place, class) in classes.into_iter().enumerate() {
        let middle = area.left() + (place as f32 + 0.5) * column;
        let bar = |half: f32, p: f32| {
            Rect::from_min_max(
                Pos2::new(middle - half * column, base - p * HEIGHT),
                Pos2::new(middle + half * column, base),
            )
        };
        painter.rect_filled(
            bar(0.36, mean[class]),
            CornerRadius::same(2),
            colours.accent.gamma_multiply(0.55),
        );
        painter.rect_filled(bar(0.13, own[class]), CornerRadius::same(2), colours.second);
        let text = ui.visuals().text_color();
        let digit = Pos2::new(middle, base + 3.0);
        let size = if answers.are_numbers() { 14.0 } else { 10.0 };
        let name = fitted(painter, answers.name(class as Class), &FontId::proportional(size), column - 2.0);
        painter.text(digit, Align2::CENTER_TOP, name, FontId::proportional(size), text);
        if votes[class] > 0 {
            let place = Pos2::new(middle, base + 20.0);
            let font = FontId::proportional(10.5);
            painter.text(place, Align2::CENTER_TOP, votes[class].to_string(), font, colours.weak);
        }
    }
    response.on_hover_text("Orange: this pass. Blue: the mean of the passes so far; its votes below.");
}
