//! What the program is, and whose ideas it shows.

use egui::{Context, Modal, RichText, Ui};

use crate::gui::theme;
use crate::gui::views::plots::follow_focus;

/// A work that the program implements.
struct Work {
    /// Authors and year.
    by: &'static str,
    title: &'static str,
    /// The title as it is written, where that takes other letters.
    original: Option<&'static str>,
    /// Where it appeared; the link's text.
    place: &'static str,
    address: Option<&'static str>,
    /// What of it is here.
    here: &'static str,
}

const WORKS: [Work; 3] = [
    Work {
        by: "Gal & Ghahramani 2016",
        title: "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning",
        original: None,
        place: "ICML 2016, arXiv:1506.02142",
        address: Some("https://arxiv.org/abs/1506.02142"),
        here: "MC dropout itself; the Rotate tab is its Figure 4.",
    },
    Work {
        by: "Houlsby, Huszár, Ghahramani & Lengyel 2011",
        title: "Bayesian Active Learning for Classification and Preference Learning",
        original: None,
        place: "arXiv:1112.5745",
        address: Some("https://arxiv.org/abs/1112.5745"),
        here: "Mutual information as the measure of disagreement (BALD).",
    },
    Work {
        by: "A Japanese article of 2018",
        title: "Dropout ni yoru kinji Bayes suiron ni tsuite",
        original: Some("Dropoutによる近似ベイズ推論について"),
        place: "“On approximate Bayesian inference with dropout”",
        address: None,
        here: "The Gallery is its figure: for each digit the 30 images of lowest and of highest predictive entropy. The \
               entropy of the mean logits answers the question of its addition of 25 July 2018.",
    },
];

/// Draws it; returns whether it should close.
#[must_use]
pub fn about_ui(context: &Context) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("about")).show(context, |ui| {
        ui.set_width(520.0_f32.min(context.content_rect().width() - 48.0));
        egui::ScrollArea::vertical().max_height(context.content_rect().height() - 96.0).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
            ui.heading(format!("Dubito {}", env!("CARGO_PKG_VERSION")));
            ui.label(env!("CARGO_PKG_DESCRIPTION"));
            ui.label(format!("{} licence", env!("CARGO_PKG_LICENSE")));
            ui.add_space(8.0);
            ui.strong("What it implements");
            for work in &WORKS {
                work_ui(ui, work);
            }
            ui.add_space(10.0);
            if ui.button("Close").on_hover_text("Close this (Esc)").clicked() {
                done = true;
            }
            follow_focus(ui);
        });
    });
    done || modal.should_close()
}

/// Whether the fonts of this machine have every letter.
fn is_drawable(ui: &Ui, text: &str) -> bool {
    let font = egui::TextStyle::Body.resolve(ui.style());
    ui.fonts_mut(|fonts| fonts.has_glyphs(&font, text))
}

fn work_ui(ui: &mut Ui, work: &Work) {
    ui.add_space(6.0);
    ui.label(format!("{}: {}.", work.by, work.title));
    if let Some(original) = work.original.filter(|text| is_drawable(ui, text)) {
        ui.label(original);
    }
    match work.address {
        Some(address) => {
            ui.hyperlink_to(work.place, address).on_hover_text(address);
        }
        None => {
            ui.weak(work.place);
        }
    }
    ui.label(RichText::new(work.here).color(theme::palette(ui.visuals()).weak));
}
