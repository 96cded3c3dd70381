//! Charts asked for: what is copied and what is written.

use super::*;
use crate::data::source::Places;
use crate::export::chart::Chart;
use crate::gui::action::{Action, FileAction};
use crate::gui::settings::Settings;
use crate::gui::state::State;
use crate::sampling::MaskDesign;
use crate::sampling::SweepConfig;
use crate::shown::OpenedModel;
use crate::shown::subject::Origin;

fn state() -> State {
    let model = OpenedModel::bundled().unwrap();
    State::new(Settings::default(), Places::new(Some("synthetic".into())), model.clone(), model).0
}

fn ask(form: ChartForm, save: bool) -> Action {
    let chart = Chart { title: "Some chart".to_owned(), ..Chart::default() };
    let sampled = SweepConfig { passes: 7, dropout: 0.25, seed: 3, masks: MaskDesign::Independent };
    let taken = Arc::new(Taken::from(chart).sampled(sampled).of(Origin::Drawing));
    Action::Chart(ChartAction { name: "some chart", form, save, taken })
}

fn chart_came(state: &mut State, copy: ChartCopy) -> Vec<Effect> {
    let steps = state.panels.chart.came(copy, &mut state.shared);
    let effect = |step| match step {
        Step::Do(effect) => effect,
        Step::Then(follow) => panic!("{follow:?}"),
    };
    steps.into_iter().map(effect).collect()
}

#[test]
fn a_copy_is_drawn_off_the_window_and_its_footer_says_where_the_numbers_come_from() {
    let mut state = state();
    let effects = state.apply(ask(ChartForm::Data, false));
    let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
    let Job::Chart { chart, form: ChartForm::Data } = &**job else { panic!("a chart's data") };
    let footer = chart.chart.footer.replace('\u{a0}', " ");
    let model = &state.shared.model.hash;
    let begin =
        format!("a drawing · model {model} · T = 7 · p = 0.25 · seed 3 · independent masks · dubito ");
    assert!(footer.starts_with(&begin), "{footer}");
    // A footer of its own stays.
    let chart = Chart { footer: "mine".to_owned(), ..Chart::default() };
    let taken = Arc::new(Taken::from(chart));
    let action = ChartAction { name: "x", form: ChartForm::Picture, save: false, taken };
    let effects = state.apply(Action::Chart(action));
    let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
    let Job::Chart { chart, .. } = &**job else { panic!("a chart") };
    assert_eq!(chart.chart.footer, "mine");
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
        assert_eq!(state.shared.overlay, Overlay::Path(purpose));
        assert_eq!(purpose.file_name(), Some(format!("dubito-some-chart.{}", ending(asked))));
        let effects = state.apply(Action::File(FileAction::Chosen(purpose, path.into())));
        let [Effect::Submit(job)] = effects.as_slice() else { panic!("one job") };
        let Job::Export { what: Export::Chart(chart, found), path } = &**job else { panic!("a file") };
        assert_eq!((*found, path.to_str()), (form, Some(written)));
        assert_eq!(chart.chart.title, "Some chart");
    }
}

#[test]
fn without_a_chart_nothing_is_written() {
    let mut state = state();
    let purpose = FilePurpose::SaveChart("some chart", ChartForm::Picture);
    assert!(state.apply(Action::File(FileAction::Chosen(purpose, "a.png".into()))).is_empty());
    assert!(state.shared.notices.list()[0].text.contains("no chart to save"));
}

#[test]
fn what_was_copied_is_said() {
    let mut state = state();
    let effects = chart_came(&mut state, ChartCopy::Data("a,b\n1,2\n3,4\n".to_owned(), 2));
    assert!(matches!(effects.as_slice(), [Effect::CopyText(text)] if text.starts_with("a,b")));
    assert_eq!(state.shared.notices.list()[0].text, "Copied the data, 2 rows.");
    let effects = chart_came(&mut state, ChartCopy::Picture(image::RgbImage::new(20, 10)));
    assert!(matches!(effects.as_slice(), [Effect::CopyPicture(picture)] if picture.width() == 20));
    assert_eq!(state.shared.notices.list()[1].text, "Copied the picture, 20 × 10 pixels.");
}
