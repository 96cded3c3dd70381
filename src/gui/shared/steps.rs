//! What a step of the history is called.

use super::acting::Acting;
use super::selection::Selected;
use super::snapshot::Snapshot;
use crate::data::marks::Review;
use crate::gui::action::Shelf;
use crate::gui::settings::Arrangement;
use crate::uncertainty::{Filter, Grouping};
use crate::wording;

/// A step in words: `dropout rate 0.30 → 0.50`. Where one choice changed several things, it has the choice's name;
/// what is selected is said only where nothing else changed, because it follows what is shown.
pub(super) fn named(before: &Snapshot, after: &Snapshot) -> String {
    let mut parts = Vec::new();
    let mut part = |changed: bool, name: &dyn Fn(&Snapshot) -> String, what: &str| {
        if changed {
            let (from, to) = (name(before), name(after));
            parts.push(format!("{what}{from} → {to}"));
        }
    };
    part(before.digit != after.digit, &digit, "");
    part(before.grouping != after.grouping, &|of| grouping(of.grouping).to_owned(), "digit ");
    part(before.filter != after.filter, &|of| filter(of.filter).to_owned(), "show ");
    part(before.measure != after.measure, &|of| of.measure.label().to_lowercase(), "sort by ");
    let axes = |of: &Snapshot| {
        let [across, up] = of.plane_axes.0.map(|measure| measure.label().to_lowercase());
        format!("{up} against {across}")
    };
    part(before.plane_axes != after.plane_axes, &axes, "plane of ");
    part(before.arrangement != after.arrangement, &|of| arrangement(of.arrangement).to_owned(), "");
    let sweep = |of: &Snapshot| of.sweep;
    part(before.sweep.passes != after.sweep.passes, &|of| sweep(of).passes.to_string(), "passes ");
    // Where each site has a rate of its own, the one of all is not used.
    let own = |of: &Snapshot| of.acting.as_ref().is_some_and(Acting::has_own_rates);
    let unused = own(before) && own(after);
    let rate = !unused && before.sweep.dropout.to_bits() != after.sweep.dropout.to_bits();
    part(rate, &|of| format!("{:.2}", sweep(of).dropout), "dropout rate ");
    part(before.sweep.seed != after.sweep.seed, &|of| sweep(of).seed.to_string(), "seed ");
    part(before.sweep.masks != after.sweep.masks, &|of| sweep(of).masks.name().to_owned(), "masks ");
    if let (Some(earlier), Some(later)) = (&before.acting, &after.acting) {
        parts.extend(earlier.changes_to(later));
    }
    if let (Some(earlier), Some(later)) = (&before.marks, &after.marks) {
        match earlier.changes_to(later).as_slice() {
            [] => {}
            [one] if one.before == Review::Unseen => {
                parts.push(format!("image {} marked {}", one.index, said(one.after)));
            }
            [one] => parts.push(format!("image {} {} → {}", one.index, said(one.before), said(one.after))),
            several => parts.push(format!("{} of marks", wording::count(several.len(), "change"))),
        }
    }
    if before.limits.region != after.limits.region {
        parts.push(match (&before.limits.region, &after.limits.region) {
            (None, _) => "brush drawn".to_owned(),
            (_, None) => "brush cleared".to_owned(),
            _ => "brush changed".to_owned(),
        });
    }
    if before.limits.only != after.limits.only {
        parts.push(match &after.limits.only {
            Some(only) => format!("only {}", only.name),
            None => "all images again".to_owned(),
        });
    }
    if parts.len() > 1
        && let Some(shelf) = shelf(after)
        && before.sweep == after.sweep
    {
        return format!("shelf “{}”", shelf.label());
    }
    if parts.is_empty() {
        return format!("selection {} → {}", selection(&before.selected), selection(&after.selected));
    }
    parts.join(", ")
}

fn shelf(of: &Snapshot) -> Option<Shelf> {
    Shelf::ALL
        .into_iter()
        .find(|shelf| shelf.is_on(of.filter, of.measure, of.arrangement, of.limits.only.as_deref()))
}

/// What is said of an image: `wrong (7)`.
fn said(review: Review) -> String {
    match review.new_label() {
        Some(label) => format!("{} ({label})", review.word()),
        None => review.word().to_owned(),
    }
}

fn digit(of: &Snapshot) -> String {
    of.digit.map_or_else(|| "all digits".to_owned(), |digit| format!("digit {digit}"))
}

fn grouping(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Label => "by label",
        Grouping::Prediction => "by prediction",
    }
}

fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "all",
        Filter::Right => "right only",
        Filter::Wrong => "wrong only",
    }
}

fn arrangement(arrangement: Arrangement) -> &'static str {
    match arrangement {
        Arrangement::Halves => "two halves",
        Arrangement::Ranking => "one ranking",
    }
}

fn selection(selected: &Selected) -> String {
    match (selected.set.len(), selected.primary) {
        (0, None) => "none".to_owned(),
        (0, Some(index)) => format!("image {index}"),
        (count, _) => wording::count(count, "image"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::settings::Settings;
    use crate::shown::Limits;
    use crate::uncertainty::Measure;

    fn now() -> Snapshot {
        Snapshot::new(&Settings::default(), &Limits::default(), &Selected::default())
    }

    #[test]
    fn a_step_says_from_what_to_what() {
        let mut after = now();
        after.sweep.dropout = 0.3;
        assert_eq!(named(&after, &now()), "dropout rate 0.30 → 0.50");
        after = now();
        after.measure = Measure::MutualInformation;
        assert_eq!(named(&now(), &after), "sort by predictive entropy → mutual information");
        after = now();
        after.selected.primary = Some(247);
        assert_eq!(named(&now(), &after), "selection none → image 247");
        // The selection followed the filter.
        after.filter = Filter::Wrong;
        assert_eq!(named(&now(), &after), "show all → wrong only");
    }

    #[test]
    fn a_shelf_is_one_step_with_its_own_name() {
        let after = Snapshot { filter: Filter::Wrong, measure: Measure::Confidence, ..now() };
        assert_eq!(named(&now(), &after), "shelf “Confidently wrong”");
    }
}
