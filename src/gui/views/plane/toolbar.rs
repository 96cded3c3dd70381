//! What stands above the plane: modes, colours, what marks mean, and what it is limited to.

use egui::{RichText, ScrollArea, Ui};
use egui_material_icons::icons::{ICON_DRAG_PAN, ICON_FIT_SCREEN, ICON_LASSO_SELECT, ICON_SELECT};

use super::data::PlaneData;
use super::dots::{PlaneMemory, legend_ui};
use super::foreign;
use crate::gui::action::{Action, Colouring, DragMode, PlaneAction};
use crate::gui::views::chips::{chips_ui, text_width};
use crate::gui::views::plots::follow_focus;
use crate::uncertainty::Measure;
use crate::uncertainty::doubt_plane::PlaneAxes;
use crate::wording;

/// Where there is less room, tools are their icons alone, and what can do without words does: in fewer lines they leave
/// more height to the plot.
const NARROW: f32 = 600.0;
/// Where there is less still, as in the lecture view beside an inspector, the plot would have no height left under wrapped
/// lines: each of the two is scrolled.
const SCROLLED: f32 = 400.0;
/// Room for the bar that scrolls a line.
const BAR: f32 = 4.0;
/// Width of the choice of a measure: the longest name fits.
const AXIS: f32 = 150.0;
/// Height of its list: all of them fit.
const LIST: f32 = 420.0;

/// The choice of the measure along an axis; that of the other one is not offered.
fn axis_ui(
    ui: &mut Ui,
    name: &str,
    chosen: Measure,
    other: Measure,
    actions: &mut Vec<Action>,
    axes: impl Fn(Measure) -> PlaneAxes,
) {
    ui.weak(name);
    let response = egui::ComboBox::from_id_salt(("axis", name))
        .selected_text(chosen.label())
        .width(AXIS)
        .height(LIST)
        .show_ui(ui, |ui| {
            for measure in Measure::ALL.into_iter().filter(|measure| *measure != other) {
                let response = ui.selectable_label(measure == chosen, measure.label());
                if response.on_hover_text(measure.explanation()).clicked() {
                    actions.push(Action::Plane(PlaneAction::Axes(axes(measure))));
                }
            }
        })
        .response;
    let name = format!("Measure {}", name.to_lowercase());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
    response.on_hover_text("Any measure along either axis; a brush belongs to the axes it was drawn on");
}

/// Begins another line where what belongs together does not fit into what is left of this one; says whether it does.
fn keep_together(ui: &mut Ui, width: f32) -> bool {
    let room = ui.available_size_before_wrap().x - 3.0 * ui.spacing().item_spacing.x;
    let fits = !ui.layout().main_wrap || room >= width;
    if !fits {
        ui.end_row();
    }
    fits
}

/// Draws what belongs together, behind a line that divides it from what stands before it.
fn group_ui(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    if keep_together(ui, width + 8.0) {
        ui.separator();
    }
    // In a line of its own height, so that words stand as high as the buttons behind them.
    ui.horizontal(content);
}

/// A line that is wrapped or scrolled.
fn line_ui(ui: &mut Ui, name: &str, scrolled: bool, content: impl FnOnce(&mut Ui)) {
    if !scrolled {
        ui.horizontal_wrapped(content);
        return;
    }
    ScrollArea::horizontal().id_salt(name).auto_shrink([false, true]).show(ui, |ui| {
        ui.vertical(|ui| {
            ui.horizontal(content);
            ui.add_space(BAR);
        });
        follow_focus(ui);
    });
}

pub(super) fn toolbar_ui(ui: &mut Ui, data: &PlaneData<'_>, memory: &PlaneMemory, actions: &mut Vec<Action>) {
    let [narrow, scrolled] = [NARROW, SCROLLED].map(|least| ui.available_width() < least);
    line_ui(ui, "plane tools", scrolled, |ui| tools_ui(ui, data, narrow, actions));
    let said = RichText::new(said(data)).small().weak();
    // A line of its own, so that nothing jumps when a chip comes or goes.
    line_ui(ui, "plane legend", scrolled, |ui| {
        if let Some(view) = data.view {
            let named = (&view.names, view.accuracy.is_some());
            legend_ui(ui, named, data.state.colouring, memory.density().most);
        }
        if narrow {
            density_ui(ui, data, actions);
        }
        foreign::legend_ui(ui, data, actions);
        if let Some(view) = data.view {
            chips_ui(ui, view, data.shelf, actions);
        }
        if scrolled {
            ui.label(said.clone());
        }
    });
    if !scrolled {
        ui.add(egui::Label::new(said).wrap());
    }
}

/// Modes, axes and colours.
fn tools_ui(ui: &mut Ui, data: &PlaneData<'_>, narrow: bool, actions: &mut Vec<Action>) {
    for (drag, icon, text, hint) in [
        (DragMode::Box, ICON_SELECT, "Box", "Drag a box: the gallery shows what is in it (B)"),
        (
            DragMode::Lasso,
            ICON_LASSO_SELECT,
            "Lasso",
            "Draw a line around images: the gallery shows those (L)",
        ),
        (DragMode::Pan, ICON_DRAG_PAN, "Pan", "Drag to move (M); scroll to zoom; double click to see all"),
    ] {
        let hint = match drag {
            DragMode::Pan => hint.to_owned(),
            _ => format!("{hint}. Shift adds to the brush, Ctrl takes out of it; Esc cancels"),
        };
        let selected = data.state.drag == drag;
        let shown = if narrow { icon.codepoint.to_owned() } else { format!("{} {text}", icon.codepoint) };
        let response = ui.selectable_label(selected, shown).on_hover_text(format!("{text}: {hint}"));
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, selected, text));
        if response.clicked() {
            actions.push(Action::Plane(PlaneAction::Drag(drag)));
        }
    }
    // Always there, so that nothing beside it moves.
    let zoomed = data.state.bounds.is_some();
    let text = if narrow { ICON_FIT_SCREEN.codepoint } else { "See all" };
    let all = ui.add_enabled(zoomed, egui::Button::new(text));
    all.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, zoomed, "See all"));
    if all.clicked() {
        actions.push(Action::Plane(PlaneAction::Show(None)));
    }
    all.on_hover_text("See all: show the whole plane").on_disabled_hover_text("The whole plane is in view");
    if narrow {
        group_ui(ui, text_width(ui, "right or wrong label prediction") + 24.0, |ui| {
            colours_ui(ui, data, actions);
        });
        ui.end_row();
        axes_ui(ui, data, narrow, actions);
        return;
    }
    axes_ui(ui, data, narrow, actions);
    group_ui(ui, text_width(ui, "Colour by right or wrong label prediction") + 24.0, |ui| {
        ui.weak("Colour by");
        colours_ui(ui, data, actions);
    });
    group_ui(ui, text_width(ui, "Density") + 24.0, |ui| density_ui(ui, data, actions));
}

/// The measures along both axes; in a narrow view they begin a line.
fn axes_ui(ui: &mut Ui, data: &PlaneData<'_>, narrow: bool, actions: &mut Vec<Action>) {
    let PlaneAxes([across, up]) = data.axes;
    let across_ui =
        |ui: &mut Ui| axis_ui(ui, "Across", across, up, actions, |measure| PlaneAxes([measure, up]));
    if narrow {
        ui.horizontal(across_ui);
    } else {
        group_ui(ui, text_width(ui, "Across") + AXIS, across_ui);
    }
    keep_together(ui, text_width(ui, "up") + AXIS);
    ui.horizontal(|ui| axis_ui(ui, "up", up, across, actions, |measure| PlaneAxes([across, measure])));
}

fn density_ui(ui: &mut Ui, data: &PlaneData<'_>, actions: &mut Vec<Action>) {
    let hint = "Shade by how many images lie where, even when few are in view; where there are thousands, this is \
                always on. Zoom in for dots, and further for the images";
    let mut shaded = data.state.shaded;
    if ui.checkbox(&mut shaded, "Density").on_hover_text(hint).changed() {
        actions.push(Action::Plane(PlaneAction::Shade(shaded)));
    }
}

/// What colours mean.
fn colours_ui(ui: &mut Ui, data: &PlaneData<'_>, actions: &mut Vec<Action>) {
    for (colouring, text, hint) in [
        (Colouring::Correctness, "right or wrong", "Colours: a wrong prediction in another than a right one"),
        (Colouring::Label, "label", "Colours: each class that an image is labelled with in its own"),
        (
            Colouring::Prediction,
            "prediction",
            "Colours: each class that the network takes an image for in its own",
        ),
    ] {
        let button = ui.selectable_label(data.state.colouring == colouring, text);
        if button.on_hover_text(hint).clicked() {
            actions.push(Action::Plane(PlaneAction::Colour(colouring)));
        }
    }
}

/// How many images there are, and what their places mean.
fn said(data: &PlaneData<'_>) -> String {
    let shown = data.view.map_or_else(String::new, |view| {
        let (shown, all) = (view.ranked.order.len(), view.measures.len());
        if shown == all {
            format!("{}. ", wording::count(all, "image"))
        } else {
            format!("{} of {}. ", wording::thousands(shown as u64), wording::count(all, "image"))
        }
    });
    let meaning = match data.view.map_or_else(PlaneAxes::default, |view| view.plane.axes) {
        axes if axes == PlaneAxes::default() => {
            "To the right every sub-network wavers, upwards they disagree. Lines: equal total entropy."
        }
        axes if axes.are_parts() => {
            "Upwards every sub-network wavers, to the right they disagree. Lines: equal total entropy."
        }
        _ => "A brush chooses images by both measures at once.",
    };
    format!("{shown}{meaning}")
}
