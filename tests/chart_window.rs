//! Charts leave the window: by mouse and by keyboard, as picture and as data, onto the clipboard and into files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of it is test code")]

mod common;

use std::fs;
use std::path::Path;

use common::{Window, settle, state, wait_until, window};
use dubito::gui::settings::Settings;
use dubito::gui::state::Overlay;
use dubito::sampling::SweepConfig;
use egui::accesskit::Role;
use egui::{Key, OutputCommand};
use egui_kittest::kittest::Queryable as _;

const PASSES: usize = 20;

fn ready() -> Window {
    let sweep = SweepConfig { passes: PASSES, ..SweepConfig::default() };
    let mut window = window(Path::new("synthetic"), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    window
}

/// Opens the menu of a chart by its button, with the keyboard.
fn open_menu(window: &mut Window, chart: &str) {
    let name = format!("Copy or save: {chart}");
    window.get_by_role_and_label(Role::Button, &name).scroll_to_me();
    window.run_steps(4);
    window.get_by_role_and_label(Role::Button, &name).focus();
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(4);
    window.get_by_role_and_label(Role::Button, "Copy picture");
}

/// Moves the focus on and presses.
fn choose(window: &mut Window, down: usize) {
    for _ in 0..down {
        window.key_press(Key::Tab);
        window.run_steps(2);
    }
    window.key_press(Key::Enter);
    window.run_steps(3);
}

/// Answers the question for a path.
fn give(window: &mut Window, path: &Path) {
    let field = window.get_by_role(Role::TextInput);
    field.focus();
    window.run_steps(2);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    window.get_by_role(Role::TextInput).type_text(path.to_str().unwrap());
    window.run_steps(2);
    window.get_by_role_and_label(Role::Button, "Save").click();
    window.run_steps(3);
}

fn notice(window: &mut Window, part: &str) {
    let what = format!("a notice of {part:?}");
    wait_until(window, &what, |state| state.notices.list().iter().any(|notice| notice.text.contains(part)));
}

fn commands(window: &Window) -> &[OutputCommand] {
    &window.output().platform_output.commands
}

#[test]
fn by_keyboard_a_chart_is_copied_as_picture_and_as_data() {
    let mut window = ready();
    open_menu(&mut window, "predictive mean");
    choose(&mut window, 0);
    notice(&mut window, "Copied the picture");
    let copied = commands(&window).iter().find_map(|command| match command {
        OutputCommand::CopyImage(image) => Some(image.clone()),
        _ => None,
    });
    let copied = copied.expect("a picture on the clipboard");
    assert_eq!(copied.size[0], 1600);
    let white = copied.pixels.iter().filter(|pixel| **pixel == egui::Color32::WHITE).count();
    assert!(white * 2 > copied.pixels.len() && white < copied.pixels.len(), "a page with something on it");

    open_menu(&mut window, "predictive mean");
    choose(&mut window, 2);
    notice(&mut window, "Copied the data");
    let copied = commands(&window).iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let table = copied.expect("a table on the clipboard");
    let view = state(&window).inspector.clone().unwrap();
    let shown = |class: usize| {
        format!("Predictive mean,predictive mean ±1 standard error,{class},,{},", view.measures.mean[class])
    };
    for class in (0..10).filter(|class| view.measures.mean[*class] > 1e-4) {
        assert!(table.contains(&shown(class)), "{}\n{table}", shown(class));
    }
}

#[test]
fn by_mouse_a_right_click_on_a_plot_saves_its_picture_and_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready();
    let button = |window: &Window| {
        window.get_by_role_and_label(Role::Button, "Copy or save: sampled probabilities").rect()
    };
    window.get_by_role_and_label(Role::Button, "Copy or save: sampled probabilities").scroll_to_me();
    window.run_steps(6);
    for (item, name) in [("Save as PNG…", "chart.png"), ("Save data as CSV…", "chart.csv")] {
        let plot = button(&window).left_bottom() + egui::vec2(-120.0, 50.0);
        for pressed in [true, false] {
            window.event(egui::Event::PointerMoved(plot));
            window.event(egui::Event::PointerButton {
                pos: plot,
                button: egui::PointerButton::Secondary,
                pressed,
                modifiers: egui::Modifiers::NONE,
            });
            window.run_steps(2);
        }
        window.run_steps(3);
        window.get_by_role_and_label(Role::Button, item).click();
        window.run_steps(3);
        assert!(matches!(state(&window).overlay, Overlay::Path(_)), "the question for a path");
        give(&mut window, &folder.path().join(name));
        notice(&mut window, name);
    }
    let picture = image::load_from_memory(&fs::read(folder.path().join("chart.png")).unwrap()).unwrap();
    assert_eq!(picture.width(), 1600);
    let table = fs::read_to_string(folder.path().join("chart.csv")).unwrap();
    let rows: Vec<_> =
        csv::Reader::from_reader(table.as_bytes()).into_records().map(Result::unwrap).collect();
    let counted: f64 =
        rows.iter().filter(|row| &row[1] == "passes").map(|row| row[4].parse::<f64>().unwrap()).sum();
    assert!((counted - PASSES as f64).abs() < 1e-9, "each pass is counted once: {table}");
    let mean = rows.iter().find(|row| row[1].starts_with("predictive mean")).unwrap();
    let view = state(&window).inspector.clone().unwrap();
    let class = usize::from(view.measures.prediction());
    assert_eq!(&mean[2], view.measures.mean[class].to_string());
}

#[test]
fn a_place_that_cannot_be_written_to_is_a_clear_notice_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready();
    open_menu(&mut window, "entropy against T");
    choose(&mut window, 1);
    give(&mut window, &folder.path().join("missing/entropy.png"));
    notice(&mut window, "its folder does not exist");

    let locked = folder.path().join("locked.csv");
    fs::write(&locked, "precious").unwrap();
    let mut permissions = fs::metadata(&locked).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&locked, permissions).unwrap();
    open_menu(&mut window, "entropy against T");
    choose(&mut window, 3);
    give(&mut window, &locked);
    notice(&mut window, "read-only");
    assert_eq!(fs::read_to_string(&locked).unwrap(), "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn escape_closes_the_menu_alone() {
    let mut window = ready();
    let chosen = state(&window).selected.clone();
    open_menu(&mut window, "predictive mean");
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(window.query_by_label("Copy picture").is_none());
    assert_eq!(state(&window).selected, chosen);
}
