//! Marks in the window: set, shown, undone, reviewed, kept and exported; without a screen, without a GPU.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use std::path::{Path, PathBuf};

use crate::common::{Window, act, settle, state, wait_until};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::marks::{Mark, Review};
use dubito::data::{Class, synthetic};
use dubito::gui::action::{Action, FileAction, FilePurpose, GalleryAction, MarksAction, Pick};
use dubito::gui::settings::{Arrangement, Settings};
use dubito::gui::shared::Overlay;
use dubito::sampling::SweepConfig;
use dubito::uncertainty::Measure;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

const IMAGES: usize = 60;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(IMAGES, 5);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    folder
}

fn opened(data: &Path, marks: Option<PathBuf>) -> Window {
    opened_at([1280.0, 800.0], data, marks)
}

fn opened_at(size: [f32; 2], data: &Path, marks: Option<PathBuf>) -> Window {
    let settings =
        Settings { sweep: SweepConfig { passes: 20, ..SweepConfig::default() }, ..Settings::default() };
    let builder = egui_kittest::Harness::builder().with_size(size);
    let mut window = crate::common::open_keeping(builder, data, settings, None, marks);
    settle(&mut window);
    wait_until(&mut window, "the marks", |state| state.shared.marks.is_some());
    window
}

fn review(window: &Window, index: u32) -> Review {
    state(window).shared.marks.as_ref().unwrap().review(index)
}

fn press(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::NONE, key);
    window.run_steps(3);
}

fn another(label: Class) -> (Class, Key) {
    let new = (label + 1) % 10;
    (new, dubito::gui::command::DIGIT_KEYS[usize::from(new)])
}

#[test]
fn one_key_marks_a_second_gives_the_right_label_and_one_undo_takes_both_back() {
    let data = folder();
    let mut window = opened(data.path(), None);
    act(&mut window, Action::Gallery(GalleryAction::Select(7, Pick::Only)));
    window.run_steps(3);
    press(&mut window, Key::W);
    let wrong = |new_label| Review::Marked(Mark::WrongLabel { new_label });
    assert_eq!(review(&window, 7), wrong(None));
    window.get_by_label("Right label? (0–9)");
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[7];
    // Its own label is no correction.
    press(&mut window, dubito::gui::command::DIGIT_KEYS[usize::from(label)]);
    assert_eq!((review(&window, 7), state(&window).shared.settings.digit), (wrong(None), None));
    let (new, key) = another(label);
    press(&mut window, key);
    assert_eq!(review(&window, 7), wrong(Some(new)));
    assert_eq!(state(&window).shared.settings.digit, None, "the digit was not a filter");
    // One decision, one step back and one forth.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(3);
    assert_eq!(review(&window, 7), Review::Unseen);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    window.run_steps(3);
    assert_eq!(review(&window, 7), wrong(Some(new)));
    // A digit means a filter again.
    press(&mut window, Key::Num3);
    assert_eq!(state(&window).shared.settings.digit, Some(3));
}

#[test]
fn a_review_goes_on_by_itself_and_says_how_far_it_is() {
    let data = folder();
    let mut window = opened(data.path(), None);
    act(&mut window, Action::Gallery(GalleryAction::SetMeasure(Measure::PredictiveEntropy)));
    settle(&mut window);
    let order = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.clone();
    press(&mut window, Key::V);
    assert_eq!(state(&window).shared.settings.arrangement, Arrangement::Ranking);
    let looked_at = |window: &Window| state(window).shared.selected.primary;
    assert_eq!(looked_at(&window), Some(order[0]));
    press(&mut window, Key::U);
    assert_eq!(
        (review(&window, order[0]), looked_at(&window)),
        (Review::Marked(Mark::Ambiguous), Some(order[1]))
    );
    press(&mut window, Key::Period);
    assert_eq!((review(&window, order[1]), looked_at(&window)), (Review::Seen, Some(order[2])));
    press(&mut window, Key::W);
    assert_eq!(looked_at(&window), Some(order[2]), "it waits for the right label");
    press(&mut window, Key::Escape);
    assert_eq!(looked_at(&window), Some(order[3]), "which may stay open");
    window.get_by_label_contains("3 of 60 looked at, 1 wrong, 1 ambiguous");
    press(&mut window, Key::Comma);
    assert_eq!(looked_at(&window), Some(order[2]));
    // Undo leads back to the image and takes its mark away, in one step.
    press(&mut window, Key::X);
    assert_eq!(review(&window, order[2]), Review::Marked(Mark::BadImage));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(3);
    assert_eq!(looked_at(&window), Some(order[2]));
    assert!(matches!(review(&window, order[2]), Review::Marked(Mark::WrongLabel { .. })));
    window.get_by_label("Pass over (.)");
    window.get_by_label("Export marks…").click();
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::Path(FilePurpose::ExportMarks));
    press(&mut window, Key::Escape);
    window.get_by_label("Leave").click();
    window.run_steps(3);
    assert!(window.query_by_label("Leave").is_none());
    // Only those marked alike.
    act(&mut window, Action::Marks(MarksAction::ShowOnly(Mark::Ambiguous)));
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order, [order[0]]);
}

#[test]
fn marks_come_back_with_the_next_window_and_are_exported() {
    let (data, kept) = (folder(), tempfile::tempdir().unwrap());
    let mut window = opened(data.path(), Some(kept.path().to_path_buf()));
    act(&mut window, Action::Gallery(GalleryAction::Select(9, Pick::Only)));
    act(&mut window, Action::Marks(MarksAction::Set(Mark::BadImage)));
    wait_until(&mut window, "the mark on the disk", |state| state.shared.jobs.is_empty());
    drop(window);
    let mut window = opened(data.path(), Some(kept.path().to_path_buf()));
    assert_eq!(review(&window, 9), Review::Marked(Mark::BadImage));
    assert_eq!(review(&window, 8), Review::Unseen);
    let table = data.path().join("marks.csv");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportMarks, table.clone())));
    wait_until(&mut window, "the table", |_| table.is_file());
    let text = std::fs::read_to_string(&table).unwrap();
    assert!(text.starts_with("index,label,mark,new_label"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("9,") && line.contains(",bad,")), "{text}");
}

#[test]
fn after_undo_a_review_asks_for_the_right_label_again() {
    let data = folder();
    let mut window = opened(data.path(), None);
    press(&mut window, Key::V);
    let index = state(&window).shared.selected.primary.unwrap();
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[index as usize];
    let wrong = |new_label| Review::Marked(Mark::WrongLabel { new_label });
    press(&mut window, Key::W);
    // Left open first, and given later: two decisions.
    press(&mut window, Key::Escape);
    press(&mut window, Key::U);
    press(&mut window, Key::Comma);
    press(&mut window, Key::Comma);
    press(&mut window, Key::W);
    let (first, key) = another(label);
    press(&mut window, key);
    assert_eq!(review(&window, index), wrong(Some(first)));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(3);
    assert_eq!(review(&window, index), wrong(None));
    assert_eq!(state(&window).shared.selected.primary, Some(index));
    window.get_by_label("Right label? (0–9)");
    let (second, key) = another(first);
    press(&mut window, key);
    assert_eq!(review(&window, index), wrong(Some(second)));
    assert_eq!(state(&window).shared.settings.digit, None, "the digit was not a filter");
}

#[test]
fn the_keys_of_a_review_can_be_read_in_a_small_window_and_its_buttons_stay() {
    let data = folder();
    let size = [1_000.0, 650.0];
    let mut window = opened_at(size, data.path(), None);
    press(&mut window, Key::V);
    let buttons = |window: &Window| {
        ["Previous image (,)", "Pass over (.)", "Export marks…", "Leave"]
            .map(|name| window.get_by_role_and_label(Role::Button, name).rect())
    };
    let before = buttons(&window);
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into());
    for (key, said) in [
        (None, "W label is wrong · U ambiguous · X bad image · F fine"),
        (Some(Key::W), "Press the right digit; Esc leaves it open"),
    ] {
        if let Some(key) = key {
            press(&mut window, key);
        }
        let said = window.get_by_label_contains(said).rect();
        assert!(screen.contains_rect(said), "{said:?}");
        assert!(
            buttons(&window).iter().all(|button| screen.contains_rect(*button) && !button.intersects(said))
        );
        assert_eq!(buttons(&window), before);
    }
}

#[test]
fn a_click_on_a_right_label_is_one_decision() {
    let data = folder();
    let mut window = opened(data.path(), None);
    act(&mut window, Action::Gallery(GalleryAction::Select(7, Pick::Only)));
    settle(&mut window);
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[7];
    let (new, _) = another(label);
    window.get_by_label(&format!("Right label {new}")).click();
    window.run_steps(3);
    assert_eq!(review(&window, 7), Review::Marked(Mark::WrongLabel { new_label: Some(new) }));
    act(&mut window, Action::Undo);
    window.run_steps(3);
    assert_eq!(review(&window, 7), Review::Unseen);
}
