//! Whether the answers of the network can be right at all: labels and answers are of the same classes.

use super::Shared;
use super::notices::Gravity;
use crate::data::Classes;

impl Shared {
    /// Says so where the network knows other classes than the images are of: its answers cannot be right.
    pub fn say_whether_classes_agree(&mut self) {
        let names = self.names();
        if self.dataset.is_some() && !names.agree() {
            let (what, few) = (classes_in_words(&names.answers), classes_in_words(&names.labels));
            let text = format!(
                "This network tells apart {what}; the images are of {few}. Its answers are none of their labels: train a network \
             on them (Train), or open one."
            );
            self.notices.say(Gravity::Warning, text);
        }
    }
}

/// `the digits 0 to 9`, `T-shirt/top, Trouser, Pullover … (10 classes)`.
fn classes_in_words(classes: &Classes) -> String {
    const FEW: usize = 3;
    if classes.are_digits() {
        return "the digits 0 to 9".to_owned();
    }
    if classes.are_numbers() {
        return format!("{} numbered classes", classes.len());
    }
    let names = classes.names();
    match names.get(..FEW) {
        Some(first) if names.len() > FEW => format!("{} … ({} classes)", first.join(", "), names.len()),
        _ => names.join(", "),
    }
}
