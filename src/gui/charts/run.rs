//! Charts of all images of a run: the plane, and the measure sorted by.

use std::sync::Arc;

use crate::data::Digits;
use crate::export::chart::{Axis, BLUE, Chart, GREY, Panel, Plot, Point, Series};
use crate::gui::action::Taken;
use crate::shown::GalleryView;
use crate::shown::plane_chart::{Colouring, PlaneMarks};
use crate::shown::quality::ForeignView;
use crate::uncertainty::Measure;
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
use crate::wording;

/// Lines of equal total entropy.
const TOTALS: usize = 6;

/// Expected entropy against mutual information, one mark for each image that matches, in the part shown; foreign images
/// below them, as crosses. The marks are made where the chart is drawn: there is one for each image.
#[must_use]
pub fn plane(
    view: &Arc<GalleryView>,
    digits: &Arc<Digits>,
    colouring: Colouring,
    bounds: Bounds,
    foreign: Option<&Arc<ForeignView>>,
) -> Taken {
    let [from, to] = [bounds.min, bounds.max].map(|end| end.map(f64::from));
    let axes = view.plane.axes;
    let PlaneAxes([across, up]) = axes;
    let marks = PlaneMarks {
        view: Arc::clone(view),
        digits: Arc::clone(digits),
        colouring,
        foreign: foreign.map(Arc::clone),
    };
    let plot = Plot {
        heading: String::new(),
        x: Axis::new(axis_title(across)).between(from[0], to[0]),
        y: Axis::new(axis_title(up)).between(from[1], to[1]),
        series: if axes.are_parts() { vec![totals(from, to)] } else { Vec::new() },
        ..Plot::default()
    };
    let (shown, of) = (view.ranked.order.len(), view.measures.len());
    let shown = format!("{} of {}.", wording::thousands(shown as u64), wording::count(of, "image"));
    let (title, note) = if axes == PlaneAxes::default() {
        let note = format!("{shown} To the right every sub-network wavers, upwards they disagree.");
        ("The two kinds of doubt".to_owned(), note)
    } else {
        (format!("{} against {}", up.label(), across.label().to_lowercase()), shown)
    };
    Taken::from(Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() })
        .sampled(of_view(view))
        .with(marks)
}

/// The name of an axis: `expected entropy (nats)`.
fn axis_title(measure: Measure) -> String {
    let name = measure.label().to_lowercase();
    if measure.unit().is_empty() { name } else { format!("{name} ({})", measure.unit()) }
}

/// What the numbers of the gallery were computed from.
fn of_view(view: &GalleryView) -> crate::sampling::SweepConfig {
    crate::sampling::SweepConfig { passes: view.query.passes, ..view.sampled }
}

/// Along each of these lines the total entropy is the same.
fn totals(from: [f64; 2], to: [f64; 2]) -> Series {
    let highest = to[0] + to[1];
    let rough = highest / TOTALS as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|part| part * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough).max(1e-9);
    let lines = (1..=TOTALS).map(|at| at as f64 * step).filter(|total| *total < highest);
    let points = lines.flat_map(|total| {
        [
            Point::at(from[0], total - from[0]),
            Point::at(total - from[1], from[1]),
            // Nothing joins one line to the next.
            Point::at(f64::NAN, f64::NAN),
        ]
    });
    Series::dashes(
        format!("equal predictive entropy, every {} nats", wording::short(step as f32, 2)),
        GREY,
        points,
    )
}

/// The measure sorted by: all images, and those that match.
#[must_use]
pub fn measure_histogram(view: &GalleryView) -> Taken {
    let histogram = &view.histogram;
    let measure = view.query.measure;
    let range = [histogram.from, histogram.to].map(f64::from);
    let unit = if measure.unit().is_empty() { String::new() } else { format!(" ({})", measure.unit()) };
    let groups = [("all images", GREY), ("images shown", BLUE)];
    let series = groups.into_iter().zip(&histogram.counts).map(|((name, colour), counts)| {
        let total: u32 = counts.iter().sum();
        let name = format!("{name} · {}", wording::thousands(u64::from(total)));
        Series::histogram(name, colour, range, counts)
    });
    let plot = Plot {
        heading: measure.label().to_owned(),
        x: Axis::new(measure.label().to_lowercase() + &unit).between(range[0], range[1]),
        y: Axis::new("images (root scale)").from_zero().scaled(crate::export::chart::Scale::Root),
        series: series.collect(),
        ..Plot::default()
    };
    let title = format!("{} of the images", measure.label());
    let note = measure.explanation().to_owned();
    Taken::from(Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() })
        .sampled(of_view(view))
}
