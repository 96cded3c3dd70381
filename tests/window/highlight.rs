//! The histogram beside the gallery and the plane: pointing lights up, a click selects, a drag limits; and by keyboard.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use crate::common::{Window, act, settle, state, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::synthetic;
use dubito::gui::action::{Action, GalleryAction, RunAction, Subset};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::uncertainty::{Filter, Measure};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect};
use egui_kittest::kittest::Queryable as _;

const IMAGES: usize = 400;
const NAME: &str = "Histogram of predictive entropy";

/// A window with digits, and the folder they lie in.
fn ready(tab: Tab) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(IMAGES, 5);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, tab, ..Settings::default() });
    settle(&mut window);
    (window, folder)
}

fn frame(window: &Window) -> Rect {
    window.get_by_role_and_label(Role::Slider, NAME).rect()
}

fn at(frame: Rect, share: f32) -> Pos2 {
    Pos2::new(frame.left() + share * frame.width(), frame.top() + 20.0)
}

/// The images whose entropy is from one value to another, by the measures shown.
fn between(window: &Window, from: f32, to: f32) -> Vec<u32> {
    let view = state(window).shared.run.gallery.clone().unwrap();
    let value = |index: u32| view.measures[index as usize].predictive_entropy;
    (0..IMAGES as u32).filter(|index| (from..=to).contains(&value(*index))).collect()
}

#[test]
fn pointing_at_a_bin_lights_its_images_up_and_leaving_puts_them_out() {
    for tab in [Tab::Gallery, Tab::Plane] {
        let (mut window, _folder) = ready(tab);
        let frame = frame(&window);
        window.hover_at(at(frame, 0.01));
        window.run_steps(3);
        let lit = state(&window).shared.highlight.clone().unwrap();
        assert_eq!(lit.subset, Subset::Bins(Measure::PredictiveEntropy, [0, 0]));
        let histogram = state(&window).shared.run.gallery.as_ref().unwrap().histogram.clone();
        let [from, to] = histogram.edges(0);
        // The upper edge belongs to the next bin.
        let mut expected = between(&window, from, to.next_down());
        expected.sort_unstable();
        let mut found = lit.digits().to_vec();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(found.len(), histogram.counts[1][0] as usize);
        assert!((0..IMAGES as u32).all(|index| lit.inside(index) == expected.contains(&index)));
        window.hover_at(frame.center_bottom() + egui::vec2(600.0, 300.0));
        window.run_steps(3);
        assert!(state(&window).shared.highlight.is_none());
    }
}

#[test]
fn a_click_selects_the_bin_and_a_drag_shows_nothing_else() {
    let (mut window, _folder) = ready(Tab::Gallery);
    let place = at(frame(&window), 0.01);
    let bin = state(&window).shared.run.gallery.as_ref().unwrap().histogram.counts[1][0] as usize;
    window.drag_at(place);
    window.run_steps(2);
    window.drop_at(place);
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.selected.set.len(), bin);
    let frame = frame(&window);
    window.drag_at(at(frame, 0.5));
    window.run_steps(2);
    window.hover_at(at(frame, 0.9));
    window.run_steps(2);
    window.hover_at(Pos2::new(frame.right() + 40.0, frame.center().y));
    window.run_steps(2);
    assert!(matches!(state(&window).shared.highlight.as_ref().unwrap().subset, Subset::Range(..)));
    window.drop_at(Pos2::new(frame.right() + 40.0, frame.center().y));
    window.run_steps(3);
    settle(&mut window);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let only = view.only.clone().unwrap();
    let middle = f32::midpoint(view.histogram.from, view.histogram.to);
    assert_eq!(only.indices, between(&window, middle, 9.0));
    let count = only.indices.len();
    assert!(count > 0 && count < IMAGES && view.ranked.order.len() == count);
    assert!(only.name.starts_with("H > ") && only.name.contains(&format!("{count} image")), "{}", only.name);
    // What lies behind is still all of them.
    assert_eq!(view.histogram.counts[0].iter().sum::<u32>() as usize, IMAGES);
    assert_eq!(view.histogram.counts[1].iter().sum::<u32>() as usize, count);
    window.get_by_label_contains("show all").click();
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(), IMAGES);
}

#[test]
fn the_keyboard_does_the_same() {
    let (mut window, _folder) = ready(Tab::Gallery);
    window.get_by_role_and_label(Role::Slider, NAME).focus();
    window.run_steps(3);
    window.key_press(Key::ArrowRight);
    window.run_steps(3);
    let subset = || Some(Subset::Bins(Measure::PredictiveEntropy, [1, 1]));
    assert_eq!(state(&window).shared.highlight.as_ref().map(|lit| lit.subset), subset());
    window.key_press(Key::Home);
    window.run_steps(3);
    let text = window.get_by_role_and_label(Role::Slider, NAME).value().unwrap();
    let first = state(&window).shared.run.gallery.as_ref().unwrap().histogram.counts[1][0];
    assert!(text.contains(&format!("nats: {first} of the {IMAGES} shown")), "{text}");
    window.key_press(Key::Enter);
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.selected.set.len(), first as usize);
    // All but the first bin, and nothing else shown.
    window.key_press(Key::ArrowRight);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::SHIFT, Key::End);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(
        state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(),
        IMAGES - first as usize
    );
}

#[test]
fn the_histogram_follows_the_measure_and_the_filter_and_stands_where_nothing_is_shown() {
    let (mut window, _folder) = ready(Tab::Gallery);
    act(&mut window, Action::Gallery(GalleryAction::SetMeasure(Measure::Confidence)));
    settle(&mut window);
    window.get_by_role_and_label(Role::Slider, "Histogram of confidence");
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    act(&mut window, Action::Gallery(GalleryAction::SetMeasure(Measure::MutualInformation)));
    settle(&mut window);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    assert_eq!(view.histogram.counts[1].iter().sum::<u32>() as usize, view.ranked.order.len());
    // One pass has no spread: all of them are in one bin.
    assert_eq!(view.histogram.counts[0].iter().filter(|count| **count > 0).count(), 1);
    window.get_by_role_and_label(Role::Slider, "Histogram of mutual information");
}
