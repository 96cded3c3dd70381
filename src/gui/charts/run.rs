//! Charts of all images of a run: the plane, and the measure sorted by.

use image::Rgb;

use crate::export::chart::{
    Axis, BLUE, CLASS_COLOURS, Chart, DotShape, GREY, Mark, PURPLE, Panel, Plot, Point, Series, VERMILION,
};
use crate::gui::action::Colouring;
use crate::gui::action::Taken;
use crate::shown::GalleryView;
use crate::shown::quality::ForeignView;
use crate::uncertainty::doubt_plane::Bounds;
use crate::wording;

/// Lines of equal total entropy.
const TOTALS: usize = 6;

/// Expected entropy against mutual information, one mark for each image that matches, in the part shown; foreign images
/// below them, as crosses.
#[must_use]
pub fn plane(
    view: &GalleryView,
    labels: &[u8],
    colouring: Colouring,
    bounds: Bounds,
    foreign: Option<&ForeignView>,
) -> Taken {
    let points = &*view.plane;
    let [from, to] = [bounds.min, bounds.max].map(|end| end.map(f64::from));
    let many = points.right.len() + points.wrong.len() > 2_000;
    let alpha = if many { 0.45 } else { 0.75 };
    let series = |name: &str, colour: Rgb<u8>, shape: DotShape, of: &mut dyn Iterator<Item = u32>| {
        let indices: Vec<u32> = of.collect();
        let dots = indices.iter().map(|index| {
            let [x, y] = points.places[*index as usize].map(f64::from);
            Point::at(x, y)
        });
        let name = format!("{name} · {}", wording::thousands(indices.len() as u64));
        let named = indices.iter().map(|index| {
            let at = *index as usize;
            let label = labels.get(at).copied().unwrap_or_default();
            format!("image {index}, label {label}, predicted {}", points.predictions[at])
        });
        let radius = if shape == DotShape::Circle && many { 3.0 } else { 4.5 };
        Series::dots(name, colour, dots).named(named).marked(Mark::Dots { shape, radius, alpha })
    };
    let mut all = vec![totals(from, to)];
    if let Some(foreign) = foreign {
        let dots =
            foreign.points.places.iter().map(|place| Point::at(f64::from(place[0]), f64::from(place[1])));
        let named = (0_usize..).zip(&foreign.points.predictions);
        let named = named.map(|(index, prediction)| format!("foreign image {index}, predicted {prediction}"));
        let name = format!(
            "foreign: {} · {}",
            foreign.set.name,
            wording::thousands(foreign.points.places.len() as u64)
        );
        let mark = Mark::Dots { shape: DotShape::Cross, radius: 3.5, alpha: if many { 0.35 } else { 0.6 } };
        all.push(Series::dots(name, PURPLE, dots).named(named).marked(mark));
    }
    match colouring {
        Colouring::Correctness => {
            all.push(series("right", BLUE, DotShape::Circle, &mut points.right.iter().copied()));
            all.push(series("wrong", VERMILION, DotShape::Diamond, &mut points.wrong.iter().copied()));
        }
        Colouring::Label | Colouring::Prediction => {
            let by_label = colouring == Colouring::Label;
            let class_of = |index: u32| {
                let of = if by_label { labels } else { &points.predictions };
                of.get(index as usize).copied().unwrap_or_default()
            };
            let what = if by_label { "label" } else { "prediction" };
            for (class, colour) in (0_u8..).zip(CLASS_COLOURS) {
                let both = points.right.iter().chain(&points.wrong).copied();
                let mut own = both.filter(|index| class_of(*index) == class);
                let shape = DotShape::number(usize::from(class));
                all.push(series(&format!("{what} {class}"), colour, shape, &mut own));
            }
        }
    }
    let plot = Plot {
        heading: String::new(),
        x: Axis::new("expected entropy (nats)").between(from[0], to[0]),
        y: Axis::new("mutual information (nats)").between(from[1], to[1]),
        series: all,
        ..Plot::default()
    };
    let (shown, of) = (view.ranked.order.len(), view.measures.len());
    let note = format!(
        "{} of {}. To the right every sub-network wavers, upwards they disagree.",
        wording::thousands(shown as u64),
        wording::count(of, "image")
    );
    let title = "The two kinds of doubt".to_owned();
    Taken::from(Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() })
        .sampled(of_view(view))
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
