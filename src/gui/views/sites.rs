//! A site of dropout: switched on and off, and, before a convolution, by units or by channels.

use egui::{Response, RichText, Ui};

use crate::gui::action::{Action, RunAction};
use crate::model::OpenedGraph;
use crate::model::graph::{By, Origin, Site};
use crate::wording;

/// How many a site draws for, where it drops by these: `6 channels`.
pub(super) fn drawn(site: &Site, by: By) -> String {
    wording::count(
        site.drawn_by(by),
        match by {
            By::Unit => "unit",
            By::Channel => "channel",
        },
    )
}

/// The rate that a site's file gives it.
pub(super) fn rate_of_file(site: &Site) -> String {
    match site.origin {
        Origin::Possible => "not in the file".to_owned(),
        Origin::Active | Origin::Inactive => format!("rate {:.2}", site.rate),
    }
}

/// What a click on a site does, and what is to be known before it.
pub(super) fn hint(site: &Site) -> &'static str {
    if site.normalised {
        "A BatchNormalization comes after it: its statistics are of units that are all there, so that dropout here \
         shifts what it gives"
    } else {
        "Whether dropout acts here in every pass"
    }
}

/// Lets a site drop by these, or nothing.
pub(super) fn set(at: usize, by: Option<By>) -> Action {
    Action::Run(RunAction::SetSite(at, by))
}

/// Draws a site with its switch and, where it is on and can, the choice of what it drops.
pub(super) fn site_ui(ui: &mut Ui, opened: &OpenedGraph, at: usize, actions: &mut Vec<Action>) {
    let (site, by) = (&opened.graph.sites()[at], opened.by[at]);
    let mut on = opened.on[at];
    let text = format!("{} · {} · {}", site.what, drawn(site, by), rate_of_file(site));
    if ui.checkbox(&mut on, text).on_hover_text(hint(site)).changed() {
        actions.push(set(at, on.then_some(by)));
    }
    if opened.on[at] && site.channels().is_some() {
        ui.horizontal(|ui| {
            // Below the text, not its box.
            ui.add_space(ui.spacing().icon_width + ui.spacing().icon_spacing);
            by_ui(ui, site, by, at, actions);
        });
    }
}

/// Draws the choice between single units and whole channels.
pub(super) fn by_ui(ui: &mut Ui, site: &Site, chosen: By, at: usize, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 4.0;
    for (by, what) in [(By::Unit, "Single units drop"), (By::Channel, "Whole channels drop")] {
        let button = egui::Button::selectable(chosen == by, RichText::new(drawn(site, by)).small());
        let response: Response = ui.add(button.frame_when_inactive(true));
        let name = format!("{what} before {}", site.what);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen == by, &name));
        let hint = match by {
            By::Unit => "Each unit drops by itself",
            By::Channel => {
                "A channel drops as a whole: neighbours on a map of features say much the same, so that the rest makes up \
                 for single units"
            }
        };
        if response.on_hover_text(hint).clicked() && chosen != by {
            actions.push(set(at, Some(by)));
        }
    }
}
