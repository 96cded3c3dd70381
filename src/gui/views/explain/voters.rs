//! Who says what: the passes that vote for a class, each a link to its sub-network.

use egui::{RichText, Ui};

use crate::data::Class;
use crate::gui::action::{Action, SubnetworkAction};
use crate::shown::InspectorView;
use crate::shown::subnetwork::number;
use crate::wording;

/// Passes listed at first.
const LISTED: usize = 24;
/// Passes listed when more are asked for; the rest are only counted.
const MOST: usize = 240;

/// Lists the passes that vote for a class, each by its sub-network's number; a click labels the gallery by one.
pub fn voters_ui(ui: &mut Ui, view: &InspectorView, class: Class, actions: &mut Vec<Action>) {
    let voters = &view.by_pass.voters[usize::from(class)];
    let (all, some) = (view.probabilities.len(), voters.len());
    let small = |text: String| RichText::new(text).small();
    ui.horizontal_wrapped(|ui| {
        // A link broken into two lines would be two stops of the Tab key, the second without a name.
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        ui.spacing_mut().item_spacing.x = 3.0;
        let named = view.names.answers.name(class);
        let head = match some {
            0 => format!("No pass says {named}."),
            1 => format!("One pass says {named}:"),
            some if some == all => format!("All passes say {named}:"),
            some => format!("{} passes say {named}:", wording::thousands(some as u64)),
        };
        ui.label(small(head).weak()).on_hover_text(
            "Each pass is one sub-network, the same for every image; the first is #1. A click labels the gallery by it.",
        );
        let id = ui.scope_id().with("all voters");
        let wide = ui.data(|data| data.get_temp(id).unwrap_or(false));
        let listed = if wide { MOST } else { LISTED };
        for pass in voters.iter().take(listed) {
            let number = number(*pass as usize);
            let response = ui.link(small(number.to_string()));
            let name = format!("Sub-network #{number}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
            if response.on_hover_text(format!("Label the gallery by sub-network #{number}")).clicked() {
                actions.push(Action::Subnetwork(SubnetworkAction::Show(Some(*pass as usize))));
            }
        }
        let more = some.saturating_sub(listed);
        if more > 0 {
            let text = small(format!("and {} more", wording::thousands(more as u64)));
            if wide {
                ui.label(text.weak());
            } else if ui.link(text).clicked() {
                ui.data_mut(|data| data.insert_temp(id, true));
            }
        }
    });
}
