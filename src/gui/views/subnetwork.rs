//! The bar above the gallery while it is labelled by one sub-network: which, how good it is, where it dissents.

use std::time::Duration;

use egui::{DragValue, Frame, Margin, RichText, Ui};
use egui_material_icons::icons::{
    ICON_CLOSE, ICON_PAUSE, ICON_PLAY_ARROW, ICON_SKIP_NEXT, ICON_SKIP_PREVIOUS,
};

use crate::gui::action::{Action, SubnetworkAction};
use crate::gui::panel::subnetwork::SubnetworkPanel;
use crate::shown::GalleryView;
use crate::shown::subnetwork::number;
use crate::wording;

use super::buttons::icon_button;

/// Seconds a pass stays while they play.
const STAY: f64 = 0.2;

/// Draws the bar, where `passes` is the number asked for; nothing while the mean of all is shown.
pub fn subnetwork_ui(
    ui: &mut Ui,
    state: &SubnetworkPanel,
    gallery: Option<&GalleryView>,
    passes: usize,
    actions: &mut Vec<Action>,
) {
    let (Some(pass), Some(gallery)) = (state.pass, gallery) else { return };
    let mut act = |action| actions.push(Action::Subnetwork(action));
    if state.playing && play(ui, state, pass) {
        act(SubnetworkAction::Step(1));
    }
    let frame = Frame::new()
        .fill(ui.visuals().faint_bg_color)
        .corner_radius(5.0)
        .inner_margin(Margin::symmetric(8, 4));
    frame.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if icon_button(ui, ICON_SKIP_PREVIOUS, "Previous sub-network (key [)").clicked() {
                act(SubnetworkAction::Step(-1));
            }
            let (play, hint) = if state.playing {
                (ICON_PAUSE, "Pause the sub-networks")
            } else {
                (ICON_PLAY_ARROW, "Play the sub-networks, five a second")
            };
            if icon_button(ui, play, hint).clicked() {
                act(SubnetworkAction::Play(!state.playing));
            }
            if icon_button(ui, ICON_SKIP_NEXT, "Next sub-network (key ])").clicked() {
                act(SubnetworkAction::Step(1));
            }
            let shown = number(pass);
            let mut chosen = shown;
            let value = DragValue::new(&mut chosen).range(1..=passes.max(shown)).update_while_editing(false);
            let response = ui.add(value.prefix("sub-network #").speed(0.1));
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Sub-network"));
            let hint = "One pass is one draw of the weights: the same network for every image. The first is #1, which \
                        has index 0 in exported samples.";
            if response.on_hover_text(hint).changed() {
                act(SubnetworkAction::Show(chosen.checked_sub(1)));
            }
            ui.weak(format!("of {passes}"));
            verdict_ui(ui, state, gallery, &mut act);
            let back = format!("{} Back to all passes", ICON_CLOSE.codepoint);
            let response = ui.button(back);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Back to all passes"));
            if response.on_hover_text("Label the gallery by the mean of all passes again").clicked() {
                act(SubnetworkAction::Show(None));
            }
        });
    });
    ui.add_space(4.0);
}

/// How good it is, where it dissents, and a button that shows only those images.
fn verdict_ui(
    ui: &mut Ui,
    state: &SubnetworkPanel,
    gallery: &GalleryView,
    act: &mut impl FnMut(SubnetworkAction),
) {
    let Some(view) = state.shown(gallery) else {
        ui.weak("This pass has not been sampled yet…");
        return;
    };
    let all = view.votes.len();
    let percent = |right: usize| format!("{:.1} %", 100.0 * right as f32 / view.judged.max(1) as f32);
    let count = view.dissent.len();
    let of = wording::thousands(all as u64);
    let dissent = match count {
        0 => "says what the mean says everywhere".to_owned(),
        _ => format!("dissents from the mean on {} of {of}", wording::thousands(count as u64)),
    };
    let corner = "Cards where it says another class than the mean show that class in a corner.";
    if view.judged == 0 {
        // Nothing it says can be right or wrong.
        ui.label(RichText::new(format!("It {dissent}")).strong()).on_hover_text(corner);
    } else {
        let [right, judged, mean_right] =
            [view.right, view.judged, view.mean_right].map(|count| wording::thousands(count as u64));
        let text = RichText::new(format!("{} right, {dissent}", percent(view.right))).strong();
        ui.label(text).on_hover_text(format!(
            "Sub-network #{} gets {right} of {judged} images right; the mean of {} passes {mean_right} ({}). {corner}",
            number(view.pass),
            view.sampled.passes,
            percent(view.mean_right)
        ));
    }
    if view.sampled.dropout <= 0.0 {
        ui.weak("Without dropout all sub-networks are one.");
    } else if view.sampled.passes == 1 {
        ui.weak("One pass: the mean is this sub-network.");
    } else if ui.add_enabled(count > 0, egui::Button::new("Only where it dissents")).clicked() {
        act(SubnetworkAction::OnlyDissent);
    }
}

/// Whether the next pass is due; requests a frame for when it will be.
fn play(ui: &Ui, state: &SubnetworkPanel, pass: usize) -> bool {
    let id = ui.scope_id().with("next sub-network");
    let now = ui.input(|input| input.time);
    // Each pass is shown before the next is asked for.
    let here = state.view.as_ref().is_some_and(|view| view.pass == pass);
    let due = ui.data(|data| data.get_temp::<(usize, f64)>(id)).filter(|(of, _)| *of == pass);
    let Some((_, due)) = due else {
        if here {
            ui.data_mut(|data| data.insert_temp(id, (pass, now + STAY)));
            ui.ctx().request_repaint_after(Duration::from_secs_f64(STAY));
        }
        return false;
    };
    if now >= due {
        return true;
    }
    ui.ctx().request_repaint_after(Duration::from_secs_f64(due - now));
    false
}
