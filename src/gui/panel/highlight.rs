//! What the pointer lights up: the images of the bin, the cell or the row it is on, and what a click on that does.

use std::sync::Arc;

use crate::gui::action::{HighlightAction, Subset};
use crate::gui::effect::{Follow, Steps};
use crate::gui::highlight::{Charted, Highlight};
use crate::gui::shared::{Gravity, Shared};
use crate::uncertainty::Measure;
use crate::wording;
use crate::worker::Only;

/// Carries out what a person did to a part of a chart; `charted` is what the quality view's charts are of.
pub fn update(action: HighlightAction, charted: Option<&Charted>, shared: &mut Shared) -> Steps {
    match action {
        HighlightAction::Show(subset) => {
            light(subset, charted, shared);
            Steps::new()
        }
        HighlightAction::Select(subset) => {
            let found = find(subset, charted, shared).filter(|found| !found.digits().is_empty());
            found.map(|found| Follow::SelectAll(found.digits().to_vec()).into()).into_iter().collect()
        }
        HighlightAction::Only(subset) => brush(subset, shared),
    }
}

/// Finds the images lit up again, after the numbers they were found by have changed.
pub fn light_again(charted: Option<&Charted>, shared: &mut Shared) {
    light(shared.highlight.as_ref().map(|highlight| highlight.subset), charted, shared);
}

/// Lights images up; none when `None`.
fn light(subset: Option<Subset>, charted: Option<&Charted>, shared: &mut Shared) {
    shared.highlight = subset.and_then(|subset| find(subset, charted, shared)).map(Arc::new);
}

/// Finds the images of a part of a chart.
fn find(subset: Subset, charted: Option<&Charted>, shared: &Shared) -> Option<Highlight> {
    let labels = shared.dataset.as_ref()?.digits.labels();
    if subset.is_of_gallery() {
        return Some(Highlight::of_gallery(subset, shared.run.gallery.as_deref()?, labels));
    }
    Some(Highlight::of_quality(subset, charted?, labels))
}

/// Limits the gallery to the images of the whole dataset that a brush covers: a chip says so and leads back.
fn brush(subset: Subset, shared: &mut Shared) -> Steps {
    let (Some(gallery), Some(dataset)) = (shared.run.gallery.clone(), &shared.dataset) else {
        return Steps::new();
    };
    let (measure, edges, bins) = match subset {
        Subset::Range(measure, edges) => (measure, edges, None),
        Subset::Bins(measure, [first, last]) => {
            let histogram = &gallery.histogram;
            (measure, [histogram.edges(first)[0], histogram.edges(last)[1]], Some(first..=last))
        }
        Subset::Reliability(_)
        | Subset::Doubt(..)
        | Subset::Confusion { .. }
        | Subset::Label(_)
        | Subset::Refused(..)
        | Subset::Foreign(..) => return Steps::new(),
    };
    let values = gallery.measures.iter().zip(dataset.digits.labels());
    let inside = |value: f32| match &bins {
        Some(bins) => gallery.histogram.bin(value).is_some_and(|bin| bins.contains(&bin)),
        None => (edges[0]..=edges[1]).contains(&value),
    };
    let indices: Vec<u32> = (0_u32..)
        .zip(values)
        .filter(|(_, (measures, label))| inside(measure.value(measures, **label)))
        .map(|(index, _)| index)
        .collect();
    if indices.is_empty() {
        let text = "There is no image in that range; what is shown stays as it was.";
        shared.notices.say(Gravity::News, text);
        return Steps::new();
    }
    let all = [gallery.histogram.from, gallery.histogram.to];
    let name = brushed(measure, edges, all, indices.len());
    shared.remember();
    shared.show_only(Some(Arc::new(Only { name, indices })))
}

/// What a chip says of a brush over a measure: `H > 0.40 · 212 images`. An end at or beyond the outermost value is no
/// limit.
fn brushed(measure: Measure, [from, to]: [f32; 2], [least, most]: [f32; 2], images: usize) -> String {
    let symbol = measure.symbol();
    let count = wording::count(images, "image");
    let (low, high) = (wording::short(from, 2), wording::short(to, 2));
    match (from > least, to < most) {
        (false, false) => count,
        (true, false) => format!("{symbol} > {low} · {count}"),
        (false, true) => format!("{symbol} < {high} · {count}"),
        (true, true) => format!("{symbol} {low}–{high} · {count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_names_the_limits_of_a_brush_and_no_others() {
        let all = [0.0, 2.0];
        let text = |edges| brushed(Measure::PredictiveEntropy, edges, all, 212);
        assert_eq!(text([0.4, 2.0]), "H > 0.40 · 212 images");
        assert_eq!(text([-0.1, 0.5]), "H < 0.50 · 212 images");
        assert_eq!(text([0.4, 0.5]), "H 0.40–0.50 · 212 images");
        assert_eq!(text([0.0, 9.0]), "212 images");
        assert_eq!(
            brushed(Measure::LabelMargin, [-1.0, 0.0], [-1.0, 1.0], 1),
            "label margin < 0.00 · 1 image"
        );
    }
}
