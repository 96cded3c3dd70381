//! Maps of the doubt and the way to a rival, as charts.

use super::inspector::of_image;
use crate::data::kept::to_bytes;
use crate::export::card::{change_rows, slope_row, title, way_rows};
use crate::export::chart::{Chart, Panel};
use crate::gui::action::Taken;
use crate::sampling::SweepConfig;
use crate::shown::explain::ExplainView;

/// What erasing and inking each patch does to predictive entropy and mutual information.
#[must_use]
pub fn change_maps(view: &ExplainView) -> Taken {
    let size = view.maps.grid.size();
    let note = format!(
        "What erasing or inking a patch of {size}×{size} pixels does, with the same {} masks.",
        view.map_passes
    );
    let rows = change_rows(&view.maps, &to_bytes(&view.key.subject.pixels[..]));
    of_view(view, view.map_passes, note, rows)
}

/// What a little more ink at each pixel does.
#[must_use]
pub fn slope_maps(view: &ExplainView) -> Taken {
    let passes = view.key.sampled.passes;
    let note = format!("Derivatives of the doubt by each pixel, with the same {passes} masks.");
    let under = to_bytes(&view.key.subject.pixels[..]);
    let rows = view.gradient.iter().map(|gradient| slope_row(gradient, &under)).collect();
    of_view(view, passes, note, rows)
}

/// The way to the nearest confident rival.
#[must_use]
pub fn way_to_rival(view: &ExplainView) -> Taken {
    let (pixels, own) = (&view.key.subject.pixels, (view.maps.measures.prediction(), &view.names.answers));
    let rows = view.way.iter().flat_map(|way| way_rows(way, pixels, own, view.key.compared.noun()));
    let note =
        "A cross-fade of pixels: it shows where the network changes its mind, not how a hand would write.";
    of_view(view, view.key.sampled.passes, note.to_owned(), rows.collect())
}

fn of_view(view: &ExplainView, passes: usize, note: String, rows: Vec<Vec<Panel>>) -> Taken {
    let subject = &view.key.subject;
    let title = title(&subject.name, &view.names, subject.label, view.maps.measures.prediction());
    let chart = Chart { title, note, rows, ..Chart::default() };
    let chart = if subject.is_ink { chart } else { chart.of_photographs() };
    of_image(subject.origin, SweepConfig { passes, ..view.key.sampled }, chart)
}
