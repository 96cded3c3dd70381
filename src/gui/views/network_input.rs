//! What is done to an image before a graph takes it: the usual ways, one that is typed, and how well the network answers; and
//! which of its outputs answers.

use egui::{Key, RichText, TextEdit, Ui};

use crate::gui::action::{Action, RunAction};
use crate::gui::theme;
use crate::gui::views::wheel::wheel_ui;
use crate::model::OpenedGraph;
use crate::model::graph::preprocessing::presets;
use crate::model::graph::{Preprocessing, short};
use crate::shown::InputCheck;
use crate::wording;

/// Draws the choice; `check` is what is known of it on the images shown, and whether more is being found out.
pub(super) fn input_ui(
    ui: &mut Ui,
    opened: &OpenedGraph,
    (check, checking): (Option<&InputCheck>, bool),
    actions: &mut Vec<Action>,
) {
    output_ui(ui, opened, actions);
    let own = opened.preprocessing;
    let image = opened.graph.input().image;
    let mut choose = |way: Preprocessing| actions.push(Action::Run(RunAction::SetInput(way)));
    ui.label(RichText::new(format!("Input: {image}, pixels as")).strong())
        .on_hover_text("What the network was given in its training: a file does not say it");
    let bare = Preprocessing { reversed: false, inverted: false, ..own };
    ui.horizontal_wrapped(|ui| {
        for (name, way) in presets(image.is_colour()) {
            if ui.selectable_label(way == bare, name).on_hover_text(described(&way)).clicked() {
                choose(Preprocessing { reversed: own.reversed, inverted: own.inverted, ..way });
            }
        }
    });
    ui.horizontal(|ui| {
        typed_ui(ui, own, &mut choose);
        let mut flags = own;
        let hint = "Whether the network takes blue first, as OpenCV reads pictures";
        if image.is_colour() && ui.checkbox(&mut flags.reversed, "BGR").on_hover_text(hint).changed() {
            choose(flags);
        }
        let hint = "Whether bright and dark are exchanged first";
        if ui.checkbox(&mut flags.inverted, "Inverted").on_hover_text(hint).changed() {
            choose(flags);
        }
    });
    let Some(check) = check else { return };
    let Some(remark) = &check.remark else {
        ui.horizontal_wrapped(|ui| {
            ui.weak(wording::first_upper(&check.told()));
            if checking {
                wheel_ui(ui);
                ui.weak("trying other inputs…");
            }
        });
        return;
    };
    let colour = theme::palette(ui.visuals()).warning;
    ui.vertical(|ui| ui.add(egui::Label::new(RichText::new(remark).color(colour)).wrap()));
    if let Some(better) = check.better
        && ui.button(format!("Use {better}")).clicked()
    {
        choose(better);
    }
}

/// The outputs to choose from, where there are several.
fn output_ui(ui: &mut Ui, opened: &OpenedGraph, actions: &mut Vec<Action>) {
    let Some(own) = opened.output() else { return };
    ui.label(RichText::new("Output").strong())
        .on_hover_text("The file has several: one of them tells the classes of an image apart");
    ui.horizontal_wrapped(|ui| {
        for output in opened.graph.outputs().1 {
            if ui.selectable_label(output == own, short(output)).clicked() && output != own {
                actions.push(Action::Run(RunAction::SetOutput(output.clone())));
            }
        }
    });
}

/// Mean and standard deviation as a person types them.
fn typed_ui(ui: &mut Ui, own: Preprocessing, choose: &mut impl FnMut(Preprocessing)) {
    let id = ui.scope_id().with("typed input");
    let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| own.to_string());
    let parsed = text.parse::<Preprocessing>();
    let mut edit = TextEdit::singleline(&mut text).desired_width(110.0).hint_text("mean/std");
    if parsed.is_err() {
        edit = edit.text_color(theme::palette(ui.visuals()).warning);
    }
    let response = ui.add(edit);
    response
        .widget_info(|| egui::WidgetInfo::text_edit(true, "", text.as_str(), "Mean and standard deviation"));
    let hint = match &parsed {
        Ok(_) => {
            "MEAN/STD of pixels in 0…1, such as 0.5/0.25 or 0.48,0.46,0.41/0.23,0.22,0.22 (Enter)".to_owned()
        }
        Err(problem) => problem.clone(),
    };
    let done = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let focused = response.has_focus();
    response.on_hover_text(hint);
    match parsed {
        Ok(way) if done => choose(way),
        _ => {}
    }
    // What is in force, unless somebody is typing.
    ui.data_mut(|data| {
        if focused {
            data.insert_temp(id, text);
        } else {
            data.remove::<String>(id);
        }
    });
}

fn described(way: &Preprocessing) -> String {
    let list = |numbers: [f32; 3]| numbers.map(|number| number.to_string()).join(", ");
    if way.is_range() {
        return format!("Pixels from 0 to {}", way.scale);
    }
    format!("Pixels from 0 to {} less {}, by {}", way.scale, list(way.mean), list(way.std))
}
