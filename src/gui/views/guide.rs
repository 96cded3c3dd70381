//! *Start here*: a strip along the bottom with a newcomer's first steps. It takes room rather than covering anything.

use egui::{Label, RichText, Ui};
use egui_material_icons::icons::{ICON_CHECK, ICON_CLOSE};

use crate::gui::action::{Action, GuideAction, GuideStep, WindowAction};
use crate::gui::shared::Guide;
use crate::gui::theme;
use crate::gui::views::names::width_of;

/// What the strip shows.
pub struct GuideData<'a> {
    /// How far the newcomer has come.
    pub guide: &'a Guide,
    /// What to look at now.
    pub sentence: String,
    /// Why the steps cannot be carried out, if they cannot.
    pub held_up: Option<&'static str>,
}

/// Lines of the sentence whose room is kept, so that nothing moves from step to step.
const LINES: f32 = 2.0;

/// Draws the strip.
pub fn guide_ui(ui: &mut Ui, data: &GuideData<'_>, actions: &mut Vec<Action>) {
    let guide = data.guide;
    let (ready, waiting) = (data.held_up.is_none(), data.held_up.unwrap_or_default());
    let mut act = |action| actions.push(Action::Window(WindowAction::Guide(action)));
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.strong("Start here");
        for (number, step) in (1..).zip(GuideStep::ALL) {
            let done = guide.done[step as usize];
            let marked =
                [format!("{number} {}", step.label()), format!("{} {}", ICON_CHECK.codepoint, step.label())];
            // As wide with a tick as with a number, so that nothing beside it moves.
            let font = egui::TextStyle::Button.resolve(ui.style());
            let wide = marked.iter().map(|text| width_of(ui.painter(), text, &font)).fold(0.0, f32::max);
            let least = egui::vec2(wide + 2.0 * ui.spacing().button_padding.x, 0.0);
            let [plain, ticked] = marked;
            let text = if done { ticked } else { plain };
            let button = egui::Button::selectable(guide.at == Some(step), text).frame_when_inactive(true);
            let response = ui.add_enabled(ready, button.min_size(least));
            let name = format!("Step {number}: {}{}", step.label(), if done { ", done" } else { "" });
            response.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::Button, ready, guide.at == Some(step), &name)
            });
            let response = response.on_hover_text(hint(step)).on_disabled_hover_text(waiting);
            if response.clicked() {
                act(GuideAction::Do(step));
            }
        }
        let [before, after] = guide.around();
        // A review has a way back of its own: the names say what each leads to.
        for (text, name, step, hint) in [
            ("Back", "Back one step", before, "Carry out the step before"),
            ("Next", "Next step", after, "Carry out the next step"),
        ] {
            let enabled = ready && step.is_some();
            let button = ui.add_enabled(enabled, egui::Button::new(text));
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, name));
            let there = if ready { "There is none" } else { waiting };
            if let Some(step) = step.filter(|_| button.clicked()) {
                act(GuideAction::Do(step));
            }
            button.on_hover_text(hint).on_disabled_hover_text(there);
        }
        let close = ui.button(format!("{} Close", ICON_CLOSE.codepoint));
        close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Close Start here"));
        let hint = "Close this for good (Esc); Help, Start here brings it back";
        if close.on_hover_text(hint).clicked() {
            act(GuideAction::Close);
        }
    });
    let line = ui.text_style_height(&egui::TextStyle::Body);
    let top = ui.cursor().top();
    let colour =
        if guide.at.is_some() { ui.visuals().text_color() } else { theme::palette(ui.visuals()).weak };
    ui.add(Label::new(RichText::new(&data.sentence).color(colour)).wrap());
    let room = LINES * line + ui.spacing().item_spacing.y;
    ui.add_space((room - (ui.cursor().top() - top)).max(0.0));
}

/// What a step does, in a tooltip.
fn hint(step: GuideStep) -> &'static str {
    match step {
        GuideStep::NeatFour => "Shows the fours, and selects the one the network doubts least",
        GuideStep::BadFour => "Shows the fours, and selects the one the network doubts most",
        GuideStep::MoveRate => "Moves the dropout rate p, which the next step takes back",
        GuideStep::DrawOne => "Draws a four on the paper of the Draw tab, for you to go on with",
        GuideStep::Figure4 => "Turns a “1” as Gal & Ghahramani (2016) did",
        GuideStep::Letters => {
            "Compares the digits with letters or, where there are none, with corrupted digits"
        }
    }
}
