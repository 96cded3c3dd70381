//! Charts asked for: what is copied, what is written, and what the charts hold.

use super::*;
use crate::data::source::Places;
use crate::export::chart::{Panel, Plot, Series};
use crate::gui::action::Action;
use crate::gui::plane::{Bounds, Colouring};
use crate::gui::settings::Settings;
use crate::progress::unobserved;
use crate::sampling::{Prefix, Samples, Statistics, sweep};
use crate::shown::OpenedModel;
use crate::uncertainty::Measures;

fn state() -> State {
    let model = OpenedModel::bundled().unwrap();
    State::new(Settings::default(), Places::new(Some("synthetic".into())), model.clone(), model).0
}

fn ask(form: ChartForm, save: bool) -> Action {
    let chart = Chart { title: "Some chart".to_owned(), ..Chart::default() };
    let sampled = SweepConfig { passes: 7, dropout: 0.25, seed: 3 };
    let taken = Arc::new(Taken::from(chart).sampled(sampled).of(Origin::Drawing));
    Action::Chart(ChartAction { name: "some chart", form, save, taken })
}

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
fn a_copy_is_drawn_off_the_window_and_its_footer_says_where_the_numbers_come_from() {
    let mut state = state();
    let effects = state.apply(ask(ChartForm::Data, false));
    let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
    let Job::Chart { chart, form: ChartForm::Data } = &**job else { panic!("a chart's data") };
    let footer = chart.footer.replace('\u{a0}', " ");
    let model = &state.model.hash;
    assert!(
        footer.starts_with(&format!("a drawing · model {model} · T = 7 · p = 0.25 · seed 3 · dubito ")),
        "{footer}"
    );
    // A footer of its own stays.
    let chart = Chart { footer: "mine".to_owned(), ..Chart::default() };
    let taken = Arc::new(Taken::from(chart));
    let action = ChartAction { name: "x", form: ChartForm::Picture, save: false, taken };
    let effects = state.apply(Action::Chart(action));
    let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
    let Job::Chart { chart, .. } = &**job else { panic!("a chart") };
    assert_eq!(chart.footer, "mine");
}

#[test]
fn saving_asks_for_a_path_and_the_ending_of_its_name_decides() {
    for (asked, path, form, written) in [
        (ChartForm::Picture, "a.png", ChartForm::Picture, "a.png"),
        (ChartForm::Picture, "a.CSV", ChartForm::Data, "a.CSV"),
        (ChartForm::Data, "a.csv", ChartForm::Data, "a.csv"),
        (ChartForm::Data, "a.png", ChartForm::Picture, "a.png"),
        (ChartForm::Data, "図", ChartForm::Data, "図.csv"),
        (ChartForm::Picture, "a", ChartForm::Picture, "a.png"),
        (ChartForm::Picture, "a.x", ChartForm::Picture, "a.x"),
    ] {
        let mut state = state();
        let effects = state.apply(ask(asked, true));
        let purpose = FilePurpose::SaveChart("some chart", asked);
        assert!(matches!(effects.as_slice(), [Effect::AskSystem(asked)] if *asked == purpose));
        assert_eq!(state.overlay, Overlay::Path(purpose));
        assert_eq!(purpose.file_name(), Some(format!("dubito-some-chart.{}", ending(asked))));
        let effects = state.apply(Action::FileChosen(purpose, path.into()));
        let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
        let Job::Export { what: Export::Chart(chart, found), path } = &**job else { panic!("a file") };
        assert_eq!((*found, path.to_str()), (form, Some(written)));
        assert_eq!(chart.title, "Some chart");
    }
}

#[test]
fn without_a_chart_nothing_is_written() {
    let mut state = state();
    let purpose = FilePurpose::SaveChart("some chart", ChartForm::Picture);
    assert!(state.apply(Action::FileChosen(purpose, "a.png".into())).is_empty());
    assert!(state.notices.list()[0].text.contains("no chart to save"));
}

#[test]
fn what_was_copied_is_said() {
    let mut state = state();
    let effects = state.chart_came(ChartCopy::Data("a,b\n1,2\n3,4\n".to_owned()));
    assert!(matches!(effects.as_slice(), [Effect::CopyText(text)] if text.starts_with("a,b")));
    assert_eq!(state.notices.list()[0].text, "Copied the data, 2 rows.");
    let effects = state.chart_came(ChartCopy::Picture(image::RgbImage::new(20, 10)));
    assert!(matches!(effects.as_slice(), [Effect::CopyPicture(picture)] if picture.width() == 20));
    assert_eq!(state.notices.list()[1].text, "Copied the picture, 20 × 10 pixels.");
}

#[test]
fn bars_and_votes_are_those_of_the_measures() {
    // Two passes: 0.7/0.3 and 0.9/0.1, both for the first class.
    let mut statistics = Statistics::ZERO;
    statistics.passes = 2;
    (statistics.probability[0], statistics.probability[1]) = (1.6, 0.4);
    statistics.outer[0] = 0.49 + 0.81;
    statistics.votes[0] = 2;
    let measures = Measures::new(&statistics);
    let taken = predictive_mean(Origin::Kept(1), Some(1), SweepConfig::default(), &measures);
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
    let (state, digits) = (state(), crate::data::Digits::default());
    let config = SweepConfig { passes: 1, ..SweepConfig::default() };
    let network = state.model.network().unwrap();
    let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
    let none = Samples::empty(0, &config);
    let samples = sweep(&prefix, &config, none, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let limits = crate::shown::Limits::default();
    let view = crate::shown::gallery(&samples, &digits, state.gallery_query(1), limits, None).unwrap();
    let bounds = Bounds { min: [0.0, 0.0], max: [1.2, 0.9] };
    let taken = plane(&view, &[], Colouring::Correctness, bounds, None);
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
