//! What the charts of the window hold.

use std::sync::Arc;

use super::*;
use crate::export::chart::{Panel, Plot, Series};
use crate::gui::action::{Colouring, Taken};
use crate::progress::unobserved;
use crate::sampling::{Prefix, Samples, Statistics, SweepConfig, sweep};
use crate::shown::plane_chart::ChartDraft;
use crate::shown::subject::Origin;
use crate::shown::{GalleryQuery, OpenedModel};
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
use crate::uncertainty::{Filter, Grouping, Measure, Measures};

/// The series of a name in the first plot of a page.
fn series<'a>(taken: &'a Taken, name: &str) -> &'a Series {
    let plots = taken.chart.rows.iter().flatten().filter_map(|panel| match panel {
        Panel::Plot(plot) => Some(plot),
        _ => None,
    });
    let found = plots.flat_map(|plot: &Plot| &plot.series).find(|series| series.name.starts_with(name));
    found.unwrap_or_else(|| panic!("no series {name}"))
}

#[test]
fn bars_and_votes_are_those_of_the_measures() {
    // Two passes: 0.7/0.3 and 0.9/0.1, both for the first class.
    let mut statistics = Statistics::zero(10);
    statistics.passes = 2;
    (statistics.probability[0], statistics.probability[1]) = (1.6, 0.4);
    statistics.outer[0] = 0.49 + 0.81;
    statistics.votes[0] = 2;
    let measures = Measures::new(&statistics);
    let taken = predictive_mean(
        Origin::Kept(1),
        (&crate::data::ClassNames::default(), Some(1)),
        SweepConfig::default(),
        &measures,
    );
    let bars = series(&taken, "predictive mean");
    assert_eq!(bars.points.len(), 10);
    let first = bars.points[0];
    assert!((first.y - 0.8).abs() < 1e-6 && (first.x - 0.0).abs() < 1e-12);
    // s² = 0.02 with T − 1, standard error 0.1; whichever it is, the whisker is the measures' own.
    let error = f64::from(measures.mean_se[0]);
    assert!((first.high - first.y - error).abs() < 1e-9 && (first.y - first.low - error).abs() < 1e-9);
    let votes: Vec<f64> = series(&taken, "share of the votes").points.iter().map(|point| point.y).collect();
    assert!((votes[0] - 1.0).abs() < 1e-9 && votes[1..].iter().all(|share| *share == 0.0));
    assert!((series(&taken, "label 1").points[0].x - 1.0).abs() < 1e-12);
    assert!(taken.chart.title.starts_with("My digit 1 · label 1 · predicted 0"));
    assert_eq!(taken.origin, Some(Origin::Kept(1)));
}

#[test]
fn along_a_line_of_the_plane_the_total_is_the_same() {
    let digits = crate::data::Digits::default();
    let config = SweepConfig { passes: 1, ..SweepConfig::default() };
    let network = OpenedModel::bundled().unwrap().network().unwrap();
    let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
    let none = Samples::empty(0, &config);
    let samples = sweep(&prefix, &config, none, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let query = GalleryQuery {
        digit: None,
        grouping: Grouping::Label,
        filter: Filter::All,
        measure: Measure::PredictiveEntropy,
        axes: PlaneAxes::default(),
        passes: 1,
    };
    let limits = crate::shown::Limits::default();
    let view = crate::shown::gallery(&samples, &digits, query, limits, (None, None)).unwrap();
    let bounds = Bounds { min: [0.0, 0.0], max: [1.2, 0.9] };
    let mut taken = plane(&Arc::new(view), &Arc::new(digits), Colouring::Correctness, bounds, None);
    let (chart, marks) = (taken.chart, taken.marks);
    assert!(chart.rows[0].len() == 1 && marks.is_some(), "the marks come later");
    taken = Taken::from(ChartDraft { chart, marks }.finish());
    let lines = &series(&taken, "equal predictive entropy").points;
    let ends: Vec<_> = lines.chunks(3).collect();
    assert!(ends.len() >= 3);
    for (number, line) in (1_u32..).zip(ends) {
        let totals = [line[0], line[1]].map(|point| point.x + point.y);
        assert!((totals[0] - totals[1]).abs() < 1e-9, "{line:?}");
        assert!((totals[0] - 0.5 * f64::from(number)).abs() < 1e-9, "every 0.5 nats: {totals:?}");
        assert!(line[2].x.is_nan(), "nothing joins the lines");
    }
    assert_eq!(series(&taken, "right").points.len(), 0);
    taken.chart.draw().unwrap();
}
