//! Who says what: the passes that vote for a class, each a link to its sub-network.

use egui::{RichText, Ui};

use crate::data::CLASSES;
use crate::gui::action::Action;
use crate::gui::subnetwork::SubnetworkAction;
use crate::wording;
use crate::worker::InspectorView;

/// Passes listed at first.
const LISTED: usize = 24;
/// Passes listed when more are asked for; the rest are only counted.
const MOST: usize = 240;

/// Lists the passes that vote for a class, numbered as in the exported samples; a click labels the gallery by one.
pub fn voters_ui(ui: &mut Ui, view: &InspectorView, class: u8, actions: &mut Vec<Action>) {
    let voters = voters(&view.probabilities, class);
    let (all, some) = (view.probabilities.len(), voters.len());
    let small = |text: String| RichText::new(text).small();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let head = match some {
            0 => format!("No pass says {class}."),
            1 => format!("One pass says {class}:"),
            some if some == all => format!("All passes say {class}:"),
            some => format!("{} passes say {class}:", wording::thousands(some as u64)),
        };
        ui.label(small(head).weak()).on_hover_text(
            "Each pass is one sub-network, the same for every image; numbered from 0 as in exported samples. A click \
             labels the gallery by it.",
        );
        let id = ui.scope_id().with("all voters");
        let wide = ui.data(|data| data.get_temp(id).unwrap_or(false));
        let listed = if wide { MOST } else { LISTED };
        for pass in voters.iter().take(listed) {
            let response = ui.link(small(pass.to_string()));
            let name = format!("Sub-network #{pass}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
            if response.on_hover_text(format!("Label the gallery by sub-network #{pass}")).clicked() {
                actions.push(Action::Subnetwork(SubnetworkAction::Show(Some(*pass))));
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

/// The passes whose largest probability is this class (the lowest class on a tie).
fn voters(passes: &[[f32; CLASSES]], class: u8) -> Vec<usize> {
    let vote = |pass: &[f32; CLASSES]| {
        (0..pass.len()).fold(0, |best, other| if pass[other] > pass[best] { other } else { best })
    };
    let of_class = |(_, pass): &(usize, &[f32; CLASSES])| vote(pass) == usize::from(class);
    passes.iter().enumerate().filter(of_class).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passes_of_a_class_are_listed_by_number() {
        let say = |class: usize| std::array::from_fn(|other| if other == class { 0.6 } else { 0.04 });
        let passes: Vec<_> = [7, 1, 7, 3, 7].map(say).into();
        assert_eq!(voters(&passes, 7), [0, 2, 4]);
        assert_eq!(voters(&passes, 3), [3]);
        assert_eq!(voters(&passes, 0), [0_usize; 0]);
        assert_eq!(voters(&[[0.1; CLASSES]], 0), [0], "a tie is the lowest class's");
    }
}
