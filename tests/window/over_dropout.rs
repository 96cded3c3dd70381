//! Quality against the dropout rate as a person uses it: asked for, stopped, used, and never under a wrong name.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, reason = "all of it is test code")]

use std::time::Instant;

use crate::common::graph::write_lenet;
use crate::common::{Window, act, runs, settle, state, wait_until, window, write_digits};
use dubito::gui::action::{Action, QualityAction, RunAction, WindowAction};
use dubito::gui::charts;
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::uncertainty::quality::Metric;
use dubito::worker::Slot;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

const PASSES: usize = 6;

/// A window whose quality view has all its numbers.
fn ready(folder: &tempfile::TempDir, images: usize) -> Window {
    write_digits(folder.path(), images);
    // The rates are tried with independent masks.
    let masks = dubito::sampling::MaskDesign::Independent;
    let sweep = SweepConfig { passes: PASSES, masks, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, tab: Tab::Quality, ..Settings::default() });
    settle(&mut window);
    complete(&mut window);
    window
}

fn complete(window: &mut Window) {
    wait_until(window, "the intervals", |state| {
        state.shared.jobs.is_empty()
            && !state.panels.quality.is_stale()
            && state.panels.quality.view.as_ref().is_some_and(|view| view.complete)
    });
    window.run_steps(4);
}

/// Brings a thing below the others into sight.
fn scroll_to(window: &mut Window, name: &str) {
    window.get_by_label(name).scroll_to_me();
    window.run_steps(6);
}

fn press(window: &mut Window, name: &str) {
    scroll_to(window, name);
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(2);
}

fn computed(window: &mut Window) {
    press(window, "Compute over p…");
    wait_until(window, "the rates", |state| state.panels.quality.over_dropout.view.is_some());
    complete(window);
}

#[test]
fn the_rate_of_least_nll_is_found_shown_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 150);
    assert!(state(&window).panels.quality.over_dropout.view.is_none(), "nothing is computed unasked");
    let before = state(&window).panels.quality.view.clone().unwrap();
    computed(&mut window);
    let view = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    assert_eq!(view.found.rates.len(), 12);
    // What the view says of the rate in use and of no dropout.
    for (run, rate) in [(0, 0.0), (1, 0.5)] {
        for metric in [Metric::Accuracy, Metric::Nll, Metric::Ece] {
            let own = view.found.at(Some(rate)).unwrap().number(metric).unwrap();
            let shown = before.numbers.estimate(run, metric);
            let [own, shown] = [own.value.unwrap(), shown.value.unwrap()];
            assert!((own - shown).abs() < 1e-6, "{metric:?} at {rate}: {own}, {shown}");
        }
    }
    assert!(view.of.contains("150 images, T = 6, seed 1"), "{}", view.of);
    let best = view.found.best().unwrap().dropout.unwrap();
    assert_ne!(best, 0.5, "there is something to use");
    let name = format!("Use p = {best}");
    scroll_to(&mut window, &name);
    window.get_by_label_contains(&format!("nats at p = {best}"));
    window.get_by_label_contains("At p = 0.5, in use now,");
    window.get_by_label("least NLL");
    window.get_by_label("in use");
    // With the keyboard.
    window.get_by_role_and_label(Role::Button, &name).focus();
    window.run_steps(2);
    window.key_press(egui::Key::Enter);
    window.run_steps(3);
    assert_eq!(state(&window).shared.settings.sweep.dropout, best);
    settle(&mut window);
    complete(&mut window);
    // Of every rate: what is in use is another, the numbers are the same.
    let now = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    assert!(std::sync::Arc::ptr_eq(&now, &view));
    assert!(window.query_by_label_contains("of another network").is_none());
    scroll_to(&mut window, &name);
    window.get_by_role_and_label(Role::Button, &name).click();
    window.run_steps(2);
    assert!(state(&window).shared.jobs.is_empty(), "it is in use already");
    act(&mut window, Action::Undo);
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.sweep.dropout, 0.5);
}

#[test]
fn older_numbers_say_so_and_those_of_other_images_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 60);
    computed(&mut window);
    let first = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    act(&mut window, Action::Run(RunAction::SetPasses(PASSES + 1)));
    settle(&mut window);
    complete(&mut window);
    window.get_by_label_contains("of another network, T or seed");
    window.get_by_label_contains("T = 6, seed 1");
    assert!(window.query_by_label_contains("in use now").is_none());
    press(&mut window, "Compute over p…");
    wait_until(&mut window, "the new numbers", |state| {
        state.panels.quality.over_dropout.view.as_ref().is_some_and(|view| view.key.passes == PASSES + 1)
    });
    window.run_steps(3);
    assert!(window.query_by_label_contains("of another network").is_none());
    act(&mut window, Action::Run(RunAction::SetPasses(PASSES)));
    settle(&mut window);
    assert_eq!(first.key.passes, PASSES);
    window.get_by_label_contains("of another network, T or seed");
    // Other images: nothing is left of these.
    let other = tempfile::tempdir().unwrap();
    write_digits(other.path(), 40);
    act(&mut window, Action::Run(RunAction::Dropped(vec![other.path().to_path_buf()])));
    wait_until(&mut window, "the other images", |state| {
        state.shared.dataset.as_ref().is_some_and(|dataset| dataset.digits.len() == 40)
    });
    assert!(state(&window).panels.quality.over_dropout.view.is_none());
}

#[test]
fn it_is_stopped_and_the_window_goes_on_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 2_000);
    act(&mut window, Action::Run(RunAction::SetPasses(100)));
    settle(&mut window);
    complete(&mut window);
    // From elsewhere, as the palette does.
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    act(&mut window, Action::Quality(QualityAction::TryRates));
    assert_eq!(state(&window).shared.settings.tab, Tab::Quality);
    wait_until(&mut window, "its progress", |state| {
        state.shared.jobs.iter().any(|job| job.slot == Slot::OverDropout && job.progress.done > 0)
    });
    // Another sweep does not wait for it.
    act(&mut window, Action::Run(RunAction::SetSeed(2)));
    wait_until(&mut window, "the other seed", |state| !state.shared.is_stale());
    assert!(runs(state(&window), Slot::OverDropout), "it goes on");
    press(&mut window, "Stop");
    wait_until(&mut window, "the end", |state| !runs(state, Slot::OverDropout));
    complete(&mut window);
    assert!(state(&window).panels.quality.over_dropout.view.is_none());
    scroll_to(&mut window, "Compute over p…");
}

#[test]
fn a_frame_with_its_charts_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 60);
    computed(&mut window);
    window.get_by_label("least NLL").scroll_to_me();
    window.run_steps(6);
    let mut frames: Vec<_> = (0..30)
        .map(|_| {
            let start = Instant::now();
            window.step();
            start.elapsed()
        })
        .collect();
    frames.sort();
    println!("median frame {:?}, slowest {:?}", frames[15], frames[29]);
    // A few milliseconds when alone; a busy machine gets some slack.
    assert!(frames[15].as_millis() < 40, "{:?}", frames[15]);
}

#[test]
fn a_graph_is_tried_with_one_rate_for_all_sites() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 60);
    let network = folder.path().join("theirs.onnx");
    write_lenet(&network);
    act(&mut window, Action::Run(RunAction::Dropped(vec![network])));
    wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
    settle(&mut window);
    complete(&mut window);
    computed(&mut window);
    let view = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    assert!(view.of.contains("theirs.onnx") && view.of.ends_with("one p for all sites"), "{}", view.of);
    assert_eq!(view.rows.len(), 13);
    scroll_to(&mut window, "the rates of the file");
    window.get_by_label("in use");
    // Once all have one rate, the same numbers hold.
    let best = view.found.best().unwrap().dropout.unwrap();
    press(&mut window, &format!("Use p = {best}"));
    settle(&mut window);
    complete(&mut window);
    assert!(!state(&window).shared.model.what.has_own_rates());
    let now = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    assert!(std::sync::Arc::ptr_eq(&now, &view));
    assert!(window.query_by_label_contains("of another network").is_none());
}

#[test]
fn the_chart_holds_the_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 60);
    computed(&mut window);
    let view = state(&window).panels.quality.over_dropout.view.clone().unwrap();
    let taken = charts::quality_over_dropout(&view, Some(0.5));
    assert_eq!(taken.chart.rows.iter().map(Vec::len).sum::<usize>(), 4);
    assert!(taken.chart.footer.contains("p from 0 to 0.9"));
    let table = taken.chart.csv();
    let nll = view.found.at(Some(0.3)).unwrap().number(Metric::Nll).unwrap().value.unwrap();
    let row = table.lines().find(|line| line.starts_with("NLL,") && line.contains(&format!("{nll}")));
    assert!(row.is_some(), "{nll}: {table}");
    taken.chart.draw().unwrap();
}

#[test]
fn without_labels_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder, 20);
    // Answers of other classes: a network of three.
    let shape =
        dubito::model::Architecture { hidden: 8, placement: dubito::model::Placement::Last, classes: 3 };
    let lenet = dubito::model::Lenet::initialise(shape, 0.3, 5).unwrap();
    let path = folder.path().join("three.safetensors");
    dubito::model::Checkpoint::new(lenet).save(&path).unwrap();
    act(&mut window, Action::Run(RunAction::Dropped(vec![path])));
    wait_until(&mut window, "the network", |state| state.shared.model.name == "three.safetensors");
    settle(&mut window);
    act(&mut window, Action::Quality(QualityAction::TryRates));
    let said =
        state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("No answer can"));
    assert!(said && !runs(state(&window), Slot::OverDropout));
}
