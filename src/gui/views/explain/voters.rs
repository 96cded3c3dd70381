//! Who says what: the passes that vote for a class.

use std::fmt::Write as _;

use egui::{Label, RichText, Ui};

use crate::worker::InspectorView;

/// Passes listed; the rest is counted.
const LISTED: usize = 24;

/// Lists the passes that vote for a class, numbered as in the exported samples.
pub fn voters_ui(ui: &mut Ui, view: &InspectorView, class: u8) {
    let text = voters(&view.probabilities, class);
    ui.add(Label::new(RichText::new(text).small().weak()).wrap()).on_hover_text(
        "Each pass is one sub-network, the same for every image; numbered from 0 as in exported samples.",
    );
}

/// `7 is said by passes 0, 4, 9.`
fn voters(passes: &[[f32; crate::data::CLASSES]], class: u8) -> String {
    let vote = |pass: &[f32; crate::data::CLASSES]| {
        (0..pass.len()).fold(0, |best, other| if pass[other] > pass[best] { other } else { best })
    };
    let of_class = |(_, pass): &(usize, &[f32; crate::data::CLASSES])| vote(pass) == usize::from(class);
    let found: Vec<usize> = passes.iter().enumerate().filter(of_class).map(|(at, _)| at).collect();
    if found.is_empty() {
        return format!("No pass says {class}.");
    }
    if found.len() == passes.len() && found.len() > 1 {
        return format!("All passes say {class}.");
    }
    let listed: Vec<String> = found.iter().take(LISTED).map(ToString::to_string).collect();
    let plural = if found.len() == 1 { "" } else { "es" };
    let mut text = format!("{class} is said by pass{plural} {}", listed.join(", "));
    if found.len() > LISTED {
        let _ = write!(text, " and {} more", found.len() - LISTED);
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passes_of_a_class_are_listed_and_many_are_counted() {
        let say = |class: usize| std::array::from_fn(|other| if other == class { 0.6 } else { 0.04 });
        let passes: Vec<_> = [7, 1, 7, 3, 7].map(say).into();
        assert_eq!(voters(&passes, 7), "7 is said by passes 0, 2, 4.");
        assert_eq!(voters(&passes, 3), "3 is said by pass 3.");
        assert_eq!(voters(&passes, 0), "No pass says 0.");
        let mut many = vec![say(2); 30];
        assert_eq!(voters(&many, 2), "All passes say 2.");
        many.push(say(5));
        assert!(voters(&many, 2).ends_with("22, 23 and 6 more."), "{}", voters(&many, 2));
    }
}
