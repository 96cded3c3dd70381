//! T, p and seed: how the network is sampled, in reach of every view.

use egui::{DragValue, RichText, Slider, Ui};
use egui_material_icons::icons::ICON_UNDO;

use super::terms;
use crate::gui::action::{Action, RunAction};
use crate::gui::settings::{DROPOUT, PASSES};
use crate::help::Term;
use crate::sampling::{MaskDesign, SweepConfig};

/// Width of a slider; in a narrow window, where the tabs need the room.
const SLIDER: [f32; 2] = [110.0, 64.0];
/// A window narrower than this is narrow.
const NARROW: f32 = 1_150.0;

/// What another seed does.
const SEED: &str = "Draws other masks: whatever changes is Monte-Carlo noise";

/// What the bar shows.
pub struct SamplingBarData {
    /// What is asked for.
    pub sweep: SweepConfig,
    /// The rate the network was trained with, when a different one is asked for.
    pub trained_with: Option<f32>,
    /// Of a graph, whether each of its sites keeps the rate of its file.
    pub own_rates: Option<bool>,
}

/// Whether masks are balanced, and that they cannot be at this rate.
fn masks_ui(ui: &mut Ui, data: &SamplingBarData, actions: &mut Vec<Action>) {
    let mut balanced = data.sweep.masks == MaskDesign::Balanced;
    let can = data.own_rates == Some(true) || MaskDesign::Balanced.balances(data.sweep.dropout);
    let text = RichText::new("Balanced");
    let response = ui.checkbox(&mut balanced, if can { text } else { text.weak() });
    let hint = if can {
        "Passes come in fours whose masks use all units evenly, so that less of what changes with the seed is noise. Each \
         pass by itself is the same network as with independent masks."
    } else {
        "At this rate masks are independent: those of p = 0.25, 0.5 and 0.75 can be balanced."
    };
    let response = terms::named(ui, response, Term::BalancedMasks, hint);
    if response.changed() {
        let masks = if balanced { MaskDesign::Balanced } else { MaskDesign::Independent };
        actions.push(Action::Run(RunAction::SetMasks(masks)));
    }
}

/// Draws the bar, its end on the right.
pub fn sampling_bar_ui(ui: &mut Ui, data: &SamplingBarData, actions: &mut Vec<Action>) {
    let narrow = ui.ctx().content_rect().width() < NARROW;
    ui.spacing_mut().slider_width = SLIDER[usize::from(narrow)];
    // From right to left: what is named first stands last.
    let SweepConfig { mut passes, mut dropout, mut seed, .. } = data.sweep;
    if !narrow {
        masks_ui(ui, data, actions);
    }
    let response = ui.add(DragValue::new(&mut seed).speed(0.05).update_while_editing(false));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Seed"));
    if terms::named(ui, response, Term::Seed, SEED).changed() {
        actions.push(Action::Run(RunAction::SetSeed(seed)));
    }
    terms::term_ui(ui, "Seed", Term::Seed);
    let button = |trained: f32| egui::Button::new(format!("{} {trained:.2}", ICON_UNDO.codepoint)).small();
    if data.own_rates == Some(false) {
        let response = ui.add(egui::Button::new(format!("{} trained", ICON_UNDO.codepoint)).small());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, "Back to the rates of the file")
        });
        let hint = "Back to the rates of the file, each site at its own";
        if response.on_hover_text(hint).clicked() {
            actions.push(Action::Run(RunAction::OwnRates));
        }
    } else if let Some(trained) = data.trained_with {
        let hint = format!("Back to the rate used in training, {trained:.2}");
        let response = ui.add(button(trained));
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, "Back to the rate used in training")
        });
        if response.on_hover_text(hint).clicked() {
            actions.push(Action::Run(RunAction::SetDropout(trained)));
        }
    } else {
        // Its room stays: the slider beside it is being dragged when it comes.
        ui.add_visible(false, button(dropout));
    }
    let mut slider =
        Slider::new(&mut dropout, DROPOUT).step_by(0.01).fixed_decimals(2).update_while_editing(false);
    if data.own_rates == Some(true) {
        slider = slider.custom_formatter(|_, _| "trained".to_owned());
    }
    let response = ui.add(slider);
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(dropout), "Dropout rate"));
    if terms::named(ui, response, Term::DropoutRate, "").changed() {
        actions.push(Action::Run(RunAction::SetDropout(dropout)));
    }
    terms::term_ui(ui, if narrow { "p" } else { "Dropout rate p" }, Term::DropoutRate);
    let response =
        ui.add(Slider::new(&mut passes, PASSES).logarithmic(true).integer().update_while_editing(false));
    response.widget_info(|| egui::WidgetInfo::slider(true, passes as f64, "Passes"));
    let hint = "How many sub-networks are asked. Fewer is instant; more takes sampling.";
    if terms::named(ui, response, Term::Passes, hint).changed() {
        actions.push(Action::Run(RunAction::SetPasses(passes)));
    }
    terms::term_ui(ui, if narrow { "T" } else { "Passes T" }, Term::Passes);
}
