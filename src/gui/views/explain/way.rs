//! The way from the image to the nearest one that the network is sure is a rival: a cross-fade to scrub through.

use egui::{Label, RichText, Sense, Slider, Stroke, Ui};

use super::data::ExplainData;
use super::field::with_error;
use crate::data::{Class, Pixels};
use crate::gui::action::{Action, ExplainAction};
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::digit::digit_ui;
use crate::gui::views::plots::describe;
use crate::gui::views::wheel::wheel_ui;
use crate::shown::explain::ExplainView;
use crate::uncertainty::explanation::{CONFIDENT, Change, Morph, MorphStep, Target, Way, blend};
use crate::wording;

/// Width of the image in points.
const IMAGE: f32 = 84.0;
/// Height of a chart.
const CHART: f32 = 118.0;

/// Draws the way, or says why there is none.
pub(super) fn way_ui(ui: &mut Ui, data: &ExplainData<'_>, actions: &mut Vec<Action>) {
    let Some(view) = data.origin.and_then(|origin| data.state.of(origin)) else {
        ui.weak("This appears with the maps.");
        return;
    };
    let Some(found) = &view.way else {
        if view.complete {
            ui.horizontal(|ui| {
                wheel_ui(ui);
                ui.weak("Finding out where the other images lie…");
            });
        } else {
            wheel_ui(ui);
        }
        return;
    };
    let rival = found.rival;
    let (Some(target), Some((end, way))) = (&found.search.found, &found.to) else {
        let of = wording::count(found.search.looked_through, "nearest image");
        let text = format!(
            "No way to a {}: the network is sure ({CONFIDENT} or more) of none of the {of} with that label. \
             Click another bar above.",
            view.names.answers.name(rival)
        );
        ui.add(Label::new(text).wrap());
        return;
    };
    let last = way.steps.len() - 1;
    let at = data.state.step.min(last);
    let step = &way.steps[at];
    ui.horizontal_top(|ui| {
        let image = blend(&view.key.subject.pixels[..], &end[..], step.share);
        let name = format!("{} of the way to a {rival}", percent(step.share));
        digit_ui(ui, Pixels::Numbers(&image), IMAGE, &name);
        ui.vertical(|ui| words_ui(ui, view, found, target, step));
    });
    ui.horizontal(|ui| {
        let mut wanted = at;
        ui.spacing_mut().slider_width = ui.available_width().max(80.0);
        let slider = ui.add(Slider::new(&mut wanted, 0..=last).show_value(false));
        slider.widget_info(|| egui::WidgetInfo::slider(true, at as f64, "Step of the way"));
        if slider.on_hover_text("From this image to the other (arrow keys while it has the focus)").changed()
        {
            actions.push(Action::Explain(ExplainAction::Step(wanted)));
        }
    });
    charts_ui(ui, view, rival, way, at, actions);
    let mut text = match way.peak {
        Some(peak) => format!("The doubt is highest {} of the way. ", percent(way.steps[peak].share)),
        None => "No doubt on the way exceeds that at both ends beyond noise. ".to_owned(),
    };
    text.push_str(
        "A cross-fade of pixels: it shows where the network changes its mind, not how a hand would write.",
    );
    ui.add(Label::new(RichText::new(text).small().weak()).wrap());
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

fn words_ui(ui: &mut Ui, view: &ExplainView, found: &Way, target: &Target, step: &MorphStep) {
    let class = found.rival;
    let rival = view.names.answers.name(class);
    let noun = view.key.compared.noun();
    let text = format!(
        "{} of the way to {} {}, a {rival}, {:.2} sure",
        percent(step.share),
        noun,
        target.neighbour.index,
        target.confidence
    );
    let hint = format!(
        "The nearest {} labelled {rival} that the network takes for {rival} with {CONFIDENT} or more; \
         {:.1} away in the space of hidden activations, number {} of the {rival}s by distance. Click a bar above \
         to choose another rival.",
        noun, target.neighbour.distance, found.search.looked_through,
    );
    ui.add(Label::new(text).wrap()).on_hover_text(hint);
    let measures = &step.measures;
    let (h, mi) = (measures.predictive_entropy, measures.mutual_information);
    ui.label(format!("H {h:.3} · MI {mi:.3} nats"));
    if step.share > 0.0 {
        let change = step.change.entropy;
        let noise = if Change::is_clear(change) { "" } else { " (noise)" };
        ui.label(
            RichText::new(format!("H {} since the start{noise}", with_error(change, true))).small().weak(),
        );
    }
    let own = view.maps.measures.prediction();
    let share = |class: Class| wording::percent(measures.mean[usize::from(class)]);
    ui.label(format!("{}: {} · {rival}: {}", view.names.answers.name(own), share(own), share(class)));
}

/// What a curve shows.
type WayValue<'a> = &'a dyn Fn(&MorphStep) -> f32;

fn charts_ui(
    ui: &mut Ui,
    view: &ExplainView,
    rival: Class,
    way: &Morph,
    at: usize,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    let own = view.maps.measures.prediction();
    let [own_name, rival_name] = [own, rival].map(|class| view.names.answers.name(class));
    let top = way.highest.max(0.1);
    let entropy = |step: &MorphStep| step.measures.predictive_entropy;
    let information = |step: &MorphStep| step.measures.mutual_information;
    let of_own = move |step: &MorphStep| step.measures.mean[usize::from(own)];
    let of_rival = move |step: &MorphStep| step.measures.mean[usize::from(rival)];
    let doubt: [(String, WayValue<'_>); 2] =
        [("H".to_owned(), &entropy), ("MI, dashed".to_owned(), &information)];
    let classes: [(String, WayValue<'_>); 2] =
        [(format!("p of {own_name}"), &of_own), (format!("p of {rival_name}, dashed"), &of_rival)];
    let inks = [[colours.accent, colours.second], [ui.visuals().text_color(), colours.right]];
    for ((lines, inks), (unit, most)) in
        [&doubt, &classes].into_iter().zip(inks).zip([(" (nats)", f64::from(top) * 1.08), ("", 1.0)])
    {
        let label = format!("{} · {}{unit}", lines[0].0, lines[1].0);
        let x = Axis::new("share of the way", 0.0, 1.0).in_percent();
        let (chart, response) =
            chart_ui(ui, &label, CHART, Sense::click_and_drag(), x, Axis::new(label.clone(), 0.0, most));
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Image, true, format!("Along the way: {label}"))
        });
        describe(ui, &response, "Point at a step for its numbers, click or drag to go there");
        for (number, ((_, pick), ink)) in lines.iter().zip(inks).enumerate() {
            curve(ui, &chart, way, *pick, Stroke::new(1.8, ink), number == 1);
        }
        let share = f64::from(way.steps[at].share);
        let rule = [[share, 0.0], [share, most]];
        chart.line(ui, rule, Stroke::new(1.5, colours.ink));
        if let Some(pointer) = response.interact_pointer_pos() {
            let last = (way.steps.len() - 1) as f64;
            let wanted = (chart.x_value(pointer) * last).round() as usize;
            if wanted != at {
                actions.push(Action::Explain(ExplainAction::Step(wanted)));
            }
        }
        response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    }
}

fn curve(
    ui: &Ui,
    chart: &Chart,
    way: &Morph,
    pick: impl Fn(&MorphStep) -> f32,
    stroke: Stroke,
    dashed: bool,
) {
    let points = way.steps.iter().map(|step| [f64::from(step.share), f64::from(pick(step))]);
    if dashed { chart.dashes(ui, points, stroke) } else { chart.line(ui, points, stroke) }
}
