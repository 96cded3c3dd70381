//! How certain the uncertainty is: intervals, curves, places that noise leaves open, errors in the table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::fs;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::gui::action::{Action, FileAction, FilePurpose, RunAction};
use dubito::gui::settings::Settings;
use dubito::sampling::SweepConfig;
use dubito::uncertainty::Measure;
use dubito::worker::Slot;
use egui_kittest::kittest::Queryable as _;

/// The window, and the folder it may read again.
fn ready(passes: usize) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    crate::common::write_digits(folder.path(), 500);
    let sweep = SweepConfig { passes, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    (window, folder)
}

#[test]
fn the_inspector_shows_interval_and_both_curves() {
    let (mut window, _folder) = ready(40);
    let view = state(&window).panels.inspector.view.clone().unwrap();
    let [low, high] = view.measures.from_passes.unwrap().entropy_interval;
    assert!(low < view.measures.predictive_entropy && view.measures.predictive_entropy < high);
    window.get_by_label_contains("95 % interval").scroll_to_me();
    window.run_steps(4);
    for legend in ["corrected ±1 SE", "plug-in"] {
        window.get_by_label(legend);
    }
    // The correction is largest at first and falls as 1/T: the corrected curve is the flatter one.
    let gap = |at: usize| view.curve[at].entropy[1] - view.curve[at].entropy[0];
    assert!(gap(7) > gap(39) && gap(39) > 0.0, "{} {}", gap(7), gap(39));
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    settle(&mut window);
    window.get_by_label_contains("So few passes have no spread: raise T");
    assert!(state(&window).panels.inspector.view.as_ref().unwrap().measures.from_passes.is_none());
}

#[test]
fn places_are_marked_where_another_image_could_stand_there() {
    let (mut window, _folder) = ready(40);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let spans = &view.ranked.spans;
    assert_eq!(spans.len(), view.ranked.order.len());
    let top = state(&window).shared.settings.top;
    let open = spans[..top].iter().filter(|span| span[1] as usize >= top).count();
    assert!(open > 0 && open < top, "{open}: some places are firm and some are not");
    assert!(spans[0][1] < top as u32, "the most uncertain image is among the first {top} whatever the noise");
    // More passes settle places.
    act(&mut window, Action::Run(RunAction::SetPasses(400)));
    settle(&mut window);
    let more = state(&window).shared.run.gallery.clone().unwrap();
    let later = more.ranked.spans[..top].iter().filter(|span| span[1] as usize >= top).count();
    let wide = |spans: &[[u32; 2]]| spans.iter().map(|[first, last]| u64::from(last - first)).sum::<u64>();
    assert!(wide(&more.ranked.spans) < wide(spans), "{later} of {open}");
    // From one pass nothing is known, so nothing is claimed.
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    settle(&mut window);
    assert!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.spans.is_empty());
    // Without dropout there is no noise: every place is firm but those of equal images.
    act(&mut window, Action::Run(RunAction::SetPasses(5)));
    act(&mut window, Action::Run(RunAction::SetDropout(0.0)));
    settle(&mut window);
    let certain = state(&window).shared.run.gallery.clone().unwrap();
    assert!(certain.ranked.spans[..top].iter().all(|span| span[0] == span[1]));
}

#[test]
fn hovering_a_card_says_how_firm_its_place_is() {
    let (mut window, _folder) = ready(40);
    let first = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order[0];
    window.get_all_by_label_contains(&format!("Image {first}, label")).next().unwrap().hover();
    window.run_steps(60);
    window.get_by_label_contains("the least certain first");
    window.get_by_label_contains("its neighbours");
    assert!(window.get_all_by_label_contains("Predictive entropy ").any(|_| true));
}

#[test]
fn the_table_has_an_error_for_every_measure() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _folder) = ready(20);
    let path = folder.path().join("table.csv");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportTable, path.clone())));
    wait_until(&mut window, "the table", |state| !crate::common::runs(state, Slot::Export));
    let mut reader = csv::Reader::from_reader(fs::File::open(&path).unwrap());
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let row = reader.records().next().unwrap().unwrap();
    // The suspicion of a label depends on all images: no standard error of it is known.
    assert!(header.iter().all(|column| column != "label_suspicion_se"));
    assert!(row[place("label_suspicion")].parse::<f64>().unwrap().is_finite());
    for measure in Measure::ALL.into_iter().filter(|measure| *measure != Measure::LabelSuspicion) {
        let error: f64 = row[place(&format!("{}_se", measure.name()))].parse().unwrap();
        assert!(error >= 0.0, "{}: {error}", measure.name());
    }
    let number = |name: &str| row[place(name)].parse::<f64>().unwrap();
    assert!(number("predictive_entropy_low") <= number("predictive_entropy_corrected"));
    assert!(number("predictive_entropy_corrected") <= number("predictive_entropy_high") * 1.5);
}
