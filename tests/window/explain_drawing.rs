//! Why a drawing or a kept digit is uncertain, as a person sees it; without a screen.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use crate::common::{Window, act, runs, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::synthetic;
use dubito::gui::action::{Action, DrawAction, GalleryAction, InspectorAction, Pick, WindowAction};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use dubito::worker::Slot;
use egui_kittest::kittest::Queryable as _;

/// A window on the Draw tab, over a few images the program draws.
fn opened(passes: usize) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(120, 7);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    let sweep = SweepConfig { passes, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    window
}

fn pen(window: &mut Window, action: DrawAction) {
    act(window, Action::Draw(action));
}

fn line(window: &mut Window, from: [f32; 2], to: [f32; 2]) {
    pen(window, DrawAction::Begin { at: from, erase: false });
    pen(window, DrawAction::Extend(vec![to]));
    pen(window, DrawAction::End);
}

fn seven(window: &mut Window) {
    line(window, [8.0, 7.0], [20.0, 7.0]);
    line(window, [20.0, 7.0], [13.0, 23.0]);
}

/// Draws frames until the drawing on the sheet is explained.
fn explained(window: &mut Window) {
    wait_until(window, "the drawing explained", |state| {
        let seen = state.shared.sights.drawn.as_ref().and_then(|view| view.seen.as_ref());
        let view = state.panels.explain.of(Origin::Drawing);
        let same = |(seen, view): (&dubito::shown::Seen, &dubito::shown::explain::ExplainView)| {
            let mut pixels = view.key.subject.pixels.iter().zip(&seen.image);
            view.complete && pixels.all(|(explained, seen)| explained.to_bits() == seen.to_bits())
        };
        state.shared.jobs.is_empty() && seen.zip(view).is_some_and(same)
    });
    window.run_steps(3);
}

#[test]
fn a_drawing_is_explained_once_the_pen_rests() {
    let mut window = opened(20);
    seven(&mut window);
    explained(&mut window);
    assert_eq!(state(&window).shared.looked_at(), Some(Origin::Drawing));
    window.get_by_label_contains("There is next to no doubt");
    window.get_by_label("Erase a patch: map of ΔH (total)");
    let view = state(&window).panels.explain.of(Origin::Drawing).unwrap();
    let seen = state(&window).shared.sights.drawn.as_ref().unwrap().seen.as_ref().unwrap();
    assert!((view.maps.measures.predictive_entropy - seen.measures.predictive_entropy).abs() < 1e-5);
    // Back in the gallery the selected image is explained, and the drawing's explanation is not taken for its own.
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    let selected = state(&window).shared.selected.primary.unwrap();
    assert_eq!(state(&window).shared.looked_at(), Some(Origin::Dataset(selected)));
    wait_until(&mut window, "the selected image explained", |state| {
        state.panels.explain.of(Origin::Dataset(selected)).is_some_and(|view| view.complete)
    });
}

#[test]
fn the_pen_stops_an_explanation_and_is_answered_first() {
    // Enough passes for an explanation to take far longer than an answer.
    let mut window = opened(1000);
    seven(&mut window);
    wait_until(&mut window, "an explanation under way", |state| runs(state, Slot::Explain));
    pen(&mut window, DrawAction::Begin { at: [9.0, 15.0], erase: false });
    assert!(!runs(state(&window), Slot::Explain), "told to stop by the pen");
    pen(&mut window, DrawAction::Extend(vec![[18.0, 15.0]]));
    wait_until(&mut window, "the answer", |state| {
        let strokes = state.shared.sights.drawn.as_ref().map_or(0, |view| view.sheet.strokes.len());
        strokes == 3 && !runs(state, Slot::Draw)
    });
    assert!(!runs(state(&window), Slot::Explain), "the pen is down");
    pen(&mut window, DrawAction::End);
    explained(&mut window);
    assert_eq!(state(&window).panels.draw.page.sheet.strokes.len(), 3);
}

#[test]
fn closed_it_costs_nothing_and_opened_it_comes() {
    let mut window = opened(20);
    window.run_steps(2);
    seven(&mut window);
    explained(&mut window);
    let before = state(&window).panels.explain.view.clone().unwrap();
    let heading = window.get_by_label("Why is it uncertain?");
    heading.scroll_to_me();
    window.run_steps(4);
    window.get_by_label("Why is it uncertain?").click();
    window.run_steps(2);
    assert!(!state(&window).shared.settings.explain.drawing);
    line(&mut window, [9.0, 15.0], [18.0, 15.0]);
    wait_until(&mut window, "the answer", |state| {
        state.shared.jobs.is_empty() && state.shared.sights.drawn.as_ref().unwrap().sheet.strokes.len() == 3
    });
    // Longer than the pen has to rest.
    std::thread::sleep(std::time::Duration::from_millis(400));
    window.run_steps(4);
    assert!(state(&window).shared.jobs.is_empty());
    assert!(std::sync::Arc::ptr_eq(state(&window).panels.explain.view.as_ref().unwrap(), &before));
    assert!(window.query_by_label("Erase a patch: map of ΔH (total)").is_none());
    window.get_by_label("Why is it uncertain?").click();
    window.run_steps(2);
    explained(&mut window);
}

#[test]
fn a_kept_digit_is_looked_at_until_an_image_of_the_dataset_is_chosen() {
    let mut window = opened(20);
    seven(&mut window);
    pen(&mut window, DrawAction::SetLabel(Some(7)));
    pen(&mut window, DrawAction::Keep);
    wait_until(&mut window, "the digit kept", |state| !state.shared.sights.kept.is_empty());
    let kept = Origin::Kept(state(&window).shared.sights.kept[0].id);
    act(&mut window, Action::Inspector(InspectorAction::LookAt(kept)));
    assert_eq!(state(&window).shared.settings.tab, Tab::Gallery, "where the inspector is");
    wait_until(&mut window, "the kept digit explained", |state| {
        state.shared.jobs.is_empty() && state.panels.explain.of(kept).is_some_and(|view| view.complete)
    });
    window.run_steps(3);
    let view = state(&window).panels.inspector.view.clone().unwrap();
    assert_eq!((view.origin, view.sampled.passes, view.probabilities.len()), (kept, 20, 20));
    window.get_by_label("Label 7");
    window.get_by_label_contains("Predicted 7 · right");
    let selected = state(&window).shared.selected.primary;
    act(&mut window, Action::Gallery(GalleryAction::Select(5, Pick::Only)));
    settle(&mut window);
    assert_eq!(state(&window).shared.looked_at(), Some(Origin::Dataset(5)));
    assert_ne!(selected, Some(5));
    // A digit that is gone is no longer looked at.
    act(&mut window, Action::Inspector(InspectorAction::LookAt(kept)));
    let Origin::Kept(id) = kept else { unreachable!() };
    pen(&mut window, DrawAction::DeleteKept(id));
    wait_until(&mut window, "the digit gone", |state| state.shared.sights.kept.is_empty());
    assert_eq!(state(&window).shared.looked_at(), Some(Origin::Dataset(5)));
}
