//! T, p and seed: how the network is sampled, in reach of every view.

use egui::{DragValue, Slider, Ui};
use egui_material_icons::icons::ICON_UNDO;

use crate::gui::action::{Action, RunAction};
use crate::gui::settings::{DROPOUT, PASSES};
use crate::sampling::SweepConfig;

/// Width of a slider; in a narrow window, where the tabs need the room.
const SLIDER: [f32; 2] = [110.0, 64.0];
/// A window narrower than this is narrow.
const NARROW: f32 = 1_150.0;

/// What the bar shows.
pub struct SamplingBarData {
    /// What is asked for.
    pub sweep: SweepConfig,
    /// The rate the network was trained with, when a different one is asked for.
    pub trained_with: Option<f32>,
}

/// Draws the bar, its end on the right.
pub fn sampling_bar_ui(ui: &mut Ui, data: &SamplingBarData, actions: &mut Vec<Action>) {
    let narrow = ui.ctx().content_rect().width() < NARROW;
    ui.spacing_mut().slider_width = SLIDER[usize::from(narrow)];
    // From right to left: what is named first stands last.
    let SweepConfig { mut passes, mut dropout, mut seed } = data.sweep;
    let response = ui.add(DragValue::new(&mut seed).speed(0.05).update_while_editing(false));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Seed"));
    if response.on_hover_text("Draws other masks: whatever changes is Monte-Carlo noise").changed() {
        actions.push(Action::Run(RunAction::SetSeed(seed)));
    }
    ui.label("Seed").on_hover_text("Draws other masks: whatever changes is Monte-Carlo noise");
    if let Some(trained) = data.trained_with {
        let text = format!("{} {trained:.2}", ICON_UNDO.codepoint);
        let hint = format!("Back to the rate used in training, {trained:.2}");
        let response = ui.small_button(text);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, "Back to the rate used in training")
        });
        if response.on_hover_text(hint).clicked() {
            actions.push(Action::Run(RunAction::SetDropout(trained)));
        }
    }
    let response = ui
        .add(Slider::new(&mut dropout, DROPOUT).step_by(0.01).fixed_decimals(2).update_while_editing(false));
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(dropout), "Dropout rate"));
    if response.on_hover_text("Dropout rate p: the share of units that each pass leaves out").changed() {
        actions.push(Action::Run(RunAction::SetDropout(dropout)));
    }
    ui.label(if narrow { "p" } else { "Dropout rate p" });
    let response =
        ui.add(Slider::new(&mut passes, PASSES).logarithmic(true).integer().update_while_editing(false));
    response.widget_info(|| egui::WidgetInfo::slider(true, passes as f64, "Passes"));
    let hint = "Passes T: how many sub-networks are asked. Fewer is instant; more takes sampling.";
    if response.on_hover_text(hint).changed() {
        actions.push(Action::Run(RunAction::SetPasses(passes)));
    }
    ui.label(if narrow { "T" } else { "Passes T" });
}
