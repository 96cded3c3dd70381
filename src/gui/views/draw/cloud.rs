//! The cloud: what goes into and comes out of each pass's softmax, class by class.

use egui::{Align2, Color32, CornerRadius, FontId, Mesh, Pos2, Rect, Sense, Stroke, Ui};

use crate::data::PerClass;
use crate::gui::theme;
use crate::shown::Seen;

/// Height of each of the two clouds.
const HEIGHT: f32 = 92.0;
/// At most this many passes are drawn: more would be a solid bar.
const MOST: usize = 400;
/// Half the size of a dot.
const DOT: f32 = 1.1;

/// Draws the outputs (probabilities) and the inputs (logits) of the softmax, one dot for each pass and class; one pass
/// may stand out.
pub(super) fn cloud_ui(ui: &mut Ui, seen: &Seen, pass: Option<usize>) {
    panel(ui, "Softmax outputs of the passes", &seen.probabilities, (0.0, 1.0), pass);
    let [low, high] = seen.logit_range;
    let pad = (high - low) * 0.04;
    panel(ui, "Softmax inputs of the passes", &seen.logits, (low - pad, high + pad), pass);
}

fn panel(ui: &mut Ui, name: &str, rows: &[PerClass<f32>], range: (f32, f32), pass: Option<usize>) {
    let width = ui.available_width();
    let (area, response) = ui.allocate_exact_size(egui::vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter_at(area.expand(2.0));
    let inside = area.shrink2(egui::vec2(0.0, 3.0));
    let y = |value: f32| inside.bottom() - (value - range.0) / (range.1 - range.0) * inside.height();
    let marks: Vec<f32> = if range == (0.0, 1.0) { vec![0.0, 0.5, 1.0] } else { ticks(range) };
    for mark in &marks {
        painter.hline(area.x_range(), y(*mark), Stroke::new(1.0, colours.faint));
    }
    let column = width / rows.first().map_or(1, |row| row.len().max(1)) as f32;
    let mut mesh = Mesh::default();
    for (index, row) in rows.iter().enumerate().take(MOST) {
        // A pass has the same horizontal position in every class and in both clouds, all evenly spread.
        let across = (index as f32 * 0.618_034).fract();
        for (class, value) in row.iter().enumerate() {
            let x = area.left() + (class as f32 + 0.2 + 0.6 * across) * column;
            let dot = Rect::from_center_size(Pos2::new(x, y(*value)), egui::vec2(2.0 * DOT, 2.0 * DOT));
            mesh.add_colored_rect(dot, colours.accent.gamma_multiply(0.55));
        }
    }
    painter.add(mesh);
    if let Some(row) = pass.and_then(|pass| rows.get(pass)) {
        for (class, value) in row.iter().enumerate() {
            let x = area.left() + (class as f32 + 0.5) * column;
            painter.circle(Pos2::new(x, y(*value)), 4.0, colours.second, Stroke::new(1.0, Color32::BLACK));
        }
    }
    for mark in marks {
        let text = if range == (0.0, 1.0) { format!("{mark}") } else { format!("{mark:.0}") };
        let at = Pos2::new(area.left(), y(mark).clamp(area.top() + 5.0, area.bottom() - 5.0));
        // Over the dots, on a ground of their own.
        let galley = painter.layout_no_wrap(text, FontId::proportional(9.5), colours.weak);
        let place = Align2::LEFT_CENTER.anchor_size(at, galley.size());
        painter.rect_filled(
            place.expand2(egui::vec2(1.0, -1.0)),
            CornerRadius::same(2),
            ui.visuals().panel_fill,
        );
        painter.galley(place.min, galley, colours.weak);
    }
    response.on_hover_text(format!("{name}: a dot for each pass in the column of each class."));
}

/// Three or four round numbers within a range.
fn ticks((low, high): (f32, f32)) -> Vec<f32> {
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
        .into_iter()
        .find(|step| (high - low) / step <= 4.5)
        .unwrap_or(high - low);
    let first = (low / step).ceil() as i32;
    (first..first + 6).map(|at| at as f32 * step).filter(|mark| *mark <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_round_and_within() {
        assert_eq!(ticks((-8.2, 21.0)), [0.0, 10.0, 20.0]);
        assert_eq!(ticks((-1.0, 3.0)), [-1.0, 0.0, 1.0, 2.0, 3.0]);
        assert!(ticks((-30_000.0, 30_000.0)).len() < 6);
    }
}
