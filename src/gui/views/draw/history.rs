//! Entropy and mutual information along the strokes, and a way back to any moment.

use egui::{Color32, Pos2, RichText, Sense, Shape, Slider, Stroke, Ui};

use super::data::DrawData;
use crate::gui::action::{Action, DrawAction};
use crate::gui::charts;
use crate::gui::panel::draw::Moment;
use crate::gui::theme;
use crate::gui::views::chart_menu::chart_menu_ui;

/// Draws the history; a press or drag on it shows the drawing at that moment.
pub(super) fn history_ui(ui: &mut Ui, data: &DrawData<'_>, height: f32, actions: &mut Vec<Action>) {
    let drawing = data.drawing;
    let colours = theme::palette(ui.visuals());
    let top = ui.cursor().min;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Along the strokes (nats)").small().strong().color(colours.weak));
        ui.label(RichText::new("H").small().strong().color(colours.accent));
        ui.label(RichText::new("MI").small().strong().color(colours.second));
        if drawing.scrub.is_some() && ui.small_button("Back to now").clicked() {
            actions.push(Action::Draw(DrawAction::Scrub(None)));
        }
    });
    let moments = &drawing.history;
    let (area, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), height), Sense::CLICK | Sense::DRAG);
    let painter = ui.painter_at(area.expand(1.0));
    let inside = area.shrink2(egui::vec2(4.0, 4.0));
    painter.hline(area.x_range(), inside.bottom(), Stroke::new(1.0, colours.faint));
    if moments.len() < 2 {
        let text = "Doubt appears here while you draw";
        let font = egui::FontId::proportional(12.0);
        painter.text(area.center(), egui::Align2::CENTER_CENTER, text, font, colours.weak);
        return;
    }
    let whole = egui::Rect::from_min_max(top, area.max);
    chart_menu_ui(ui, whole, "doubt while drawing", actions, || {
        charts::along_the_strokes(drawing, data.sampled())
    });
    let last = moments.len() - 1;
    let top = drawing.highest.max(0.1) * 1.08;
    let x = |at: usize| inside.left() + at as f32 / last as f32 * inside.width();
    let y = |value: f32| inside.bottom() - value / top * inside.height();
    for (pick, colour) in
        [(entropy as fn(&Moment) -> Option<[f32; 2]>, colours.accent), (information, colours.second)]
    {
        curve(&painter, moments, pick, colour, &x, &y);
    }
    let text = format!("{top:.1}");
    painter.text(
        inside.left_top(),
        egui::Align2::LEFT_TOP,
        text,
        egui::FontId::proportional(9.5),
        colours.weak,
    );
    let at = drawing.scrub.unwrap_or(last).min(last);
    painter.vline(x(at), area.y_range(), Stroke::new(1.5, colours.ink));
    if let Some([h, _]) = moments[at].entropy {
        painter.circle_filled(Pos2::new(x(at), y(h)), 3.5, colours.accent);
    }
    let pressed = response.dragged() || response.clicked();
    if let Some(pos) = response.interact_pointer_pos().filter(|_| pressed) {
        let share = ((pos.x - inside.left()) / inside.width()).clamp(0.0, 1.0);
        choose(at, (share * last as f32).round() as usize, actions);
    }
    let response = response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    response.on_hover_text("Drag to see the drawing at that moment. Keep drawing to continue from there.");
    let mut chosen = at;
    ui.spacing_mut().slider_width = ui.available_width() - 10.0;
    let slider = ui.add(Slider::new(&mut chosen, 0..=last).show_value(false));
    slider.widget_info(|| egui::WidgetInfo::slider(true, at as f64, "Moment of the drawing"));
    if slider.changed() {
        choose(at, chosen, actions);
    }
}

fn choose(at: usize, wanted: usize, actions: &mut Vec<Action>) {
    if wanted != at {
        actions.push(Action::Draw(DrawAction::Scrub(Some(wanted))));
    }
}

fn entropy(moment: &Moment) -> Option<[f32; 2]> {
    moment.entropy
}

fn information(moment: &Moment) -> Option<[f32; 2]> {
    moment.mutual_information
}

/// A line with its band of ±1 standard error, broken where the sheet was blank.
fn curve(
    painter: &egui::Painter,
    moments: &[Moment],
    pick: fn(&Moment) -> Option<[f32; 2]>,
    colour: Color32,
    x: &dyn Fn(usize) -> f32,
    y: &dyn Fn(f32) -> f32,
) {
    let mut line: Vec<Pos2> = Vec::new();
    let mut band = egui::Mesh::default();
    let shade = colour.gamma_multiply(0.22);
    let mut joined = false;
    for (at, moment) in moments.iter().enumerate() {
        let Some([value, error]) = pick(moment) else {
            painter.add(Shape::line(std::mem::take(&mut line), Stroke::new(1.5, colour)));
            joined = false;
            continue;
        };
        line.push(Pos2::new(x(at), y(value)));
        let error = if error.is_finite() { error } else { 0.0 };
        let next = band.vertices.len() as u32;
        band.colored_vertex(Pos2::new(x(at), y(value + error)), shade);
        band.colored_vertex(Pos2::new(x(at), y((value - error).max(0.0))), shade);
        if joined {
            band.add_triangle(next - 2, next - 1, next);
            band.add_triangle(next - 1, next, next + 1);
        }
        joined = true;
    }
    painter.add(band);
    painter.add(Shape::line(line, Stroke::new(1.5, colour)));
}
