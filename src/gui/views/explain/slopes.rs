//! Maps of how the doubt changes with a little more ink at each pixel.

use egui::{Label, RichText, Ui};

use super::data::ExplainData;
use super::field::{Quantity, legend_ui, map_ui, outline, side_by_side, with_error};
use crate::data::SIDE;
use crate::gui::views::wheel::wheel_ui;
use crate::shown::explain::ExplainView;
use crate::uncertainty::explanation::{Gradient, LEAST_SCALE};

fn values(quantity: Quantity, gradient: &Gradient) -> &[[f32; 2]] {
    match quantity {
        Quantity::Entropy => &gradient.entropy,
        Quantity::Information => &gradient.information,
    }
}

/// Draws the maps.
pub(super) fn slopes_ui(ui: &mut Ui, data: &ExplainData<'_>) {
    let Some(view) = data.origin.and_then(|origin| data.state.of(origin)) else {
        ui.weak("These appear with the maps.");
        return;
    };
    let Some(gradient) = &view.gradient else {
        if view.complete {
            let why = "No slopes here: each pass runs the graph, for each of 784 places twice. Dropout before fully connected \
                       layers alone has them.";
            ui.add(Label::new(RichText::new(why).weak()).wrap());
        } else {
            wheel_ui(ui);
        }
        return;
    };
    let quantities = Quantity::of(view);
    let largest = gradient.largest[..quantities.len()].iter().copied().fold(0.0, f32::max);
    let scale = largest.max(LEAST_SCALE);
    let text = if largest > 0.0 {
        "Orange: a little more ink here raises the doubt; blue: lowers it"
    } else {
        "No pixel's slope exceeds noise"
    };
    ui.add(Label::new(RichText::new(text).small()).wrap());
    side_by_side(ui, quantities, |ui, quantity, width| {
        slope_ui(ui, (view, gradient), quantity, [width, scale]);
    });
    legend_ui(ui, scale, quantities.len());
    let caution = "Per full ink, if the doubt kept that pace. A slope sees only tiny changes, and vanishes where \
                   the network is sure: patches see further.";
    ui.add(Label::new(RichText::new(caution).small().weak()).wrap());
}

fn slope_ui(
    ui: &mut Ui,
    (view, gradient): (&ExplainView, &Gradient),
    quantity: Quantity,
    [width, scale]: [f32; 2],
) {
    let caption = quantity.name('∂');
    let slopes = values(quantity, gradient);
    let pixel = width / SIDE as f32;
    let name = format!("Slope by pixel: map of {caption}");
    let (place, response) = map_ui(ui, view, [&name, &caption], [width, scale], |at| {
        Gradient::is_clear(slopes[at]).then_some(slopes[at][0])
    });
    if let Some(pointer) = response.hover_pos() {
        let along = |value: f32| ((value / pixel).max(0.0) as usize).min(SIDE - 1);
        let (x, y) = (along(pointer.x - place.left()), along(pointer.y - place.top()));
        outline(ui, place, [x, y], 1);
        response.on_hover_ui_at_pointer(|ui| {
            let at = y * SIDE + x;
            ui.strong(format!("Column {x}, row {y}, ink {:.2}", view.key.subject.pixels[at]));
            for (name, slope) in [("H", gradient.entropy[at]), ("MI", gradient.information[at])] {
                let noise = if Gradient::is_clear(slope) { "" } else { "  (within noise)" };
                ui.label(format!("{name} {} per full ink{noise}", with_error(slope, true)));
            }
        });
    }
}
