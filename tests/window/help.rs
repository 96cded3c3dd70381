//! The help in the window: every page opens, is drawn and can be left, by mouse and by keyboard.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use std::time::Instant;

use crate::common::{Window, act, settle, state, window, write_digits};
use dubito::gui::action::{Action, WindowAction};
use dubito::gui::settings::Settings;
use dubito::gui::shared::Overlay;
use dubito::help::{Block, Topic, plain};
use dubito::sampling::SweepConfig;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn ready(folder: &tempfile::TempDir) -> Window {
    write_digits(folder.path(), 60);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    window
}

fn open(window: &Window) -> Option<Topic> {
    match state(window).shared.overlay {
        Overlay::Help(topic) => Some(topic),
        _ => None,
    }
}

#[test]
fn f1_opens_the_help_and_closes_it_and_arrows_walk_through_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    window.key_press(Key::F1);
    window.run_steps(3);
    assert_eq!(open(&window), Some(Topic::Window));
    window.key_press(Key::ArrowRight);
    window.run_steps(3);
    assert_eq!(open(&window), Some(Topic::Drawing));
    window.key_press(Key::ArrowLeft);
    window.key_press(Key::ArrowLeft);
    window.run_steps(3);
    assert_eq!(open(&window), Some(Topic::Window), "before the first there is none");
    window.key_press(Key::F1);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::None);
    window.key_press(Key::F1);
    window.run_steps(2);
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::None);
}

#[test]
fn every_page_is_reached_from_the_list_and_shows_its_headings() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowHelp(Topic::Window)));
    window.run_steps(3);
    for topic in Topic::ALL {
        window.get_by_role_and_label(Role::Button, topic.title()).click();
        window.run_steps(3);
        assert_eq!(open(&window), Some(topic));
        for block in &topic.page().blocks {
            if let Block::Heading(_, spans) = block {
                window.get_all_by_label(&plain(spans)).next().unwrap();
            }
        }
    }
}

#[test]
fn a_link_leads_to_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowHelp(Topic::Window)));
    window.run_steps(3);
    // It may be below what the page shows now.
    window.get_by_role_and_label(Role::Link, "The method").click_accesskit();
    window.run_steps(3);
    assert_eq!(open(&window), Some(Topic::Method));
}

#[test]
fn the_palette_finds_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run_steps(3);
    window.event(egui::Event::Text("help formulas".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(open(&window), Some(Topic::Measures));
}

#[test]
fn keys_scroll_a_page_to_its_end_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowHelp(Topic::Figures)));
    window.run_steps(3);
    let title = Topic::Figures.title();
    let top = |window: &Window| {
        let heading = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == Role::Label;
        window.get_all_by_label(title).find(heading).unwrap().rect().top()
    };
    let first = top(&window);
    for (key, down) in [(Key::ArrowDown, true), (Key::PageDown, true), (Key::Home, false), (Key::End, true)] {
        let before = top(&window);
        window.key_press(key);
        window.run_steps(3);
        let after = top(&window);
        assert!(
            if down { after < before - 10.0 } else { (after - first).abs() < 1.0 },
            "{key:?}: {before} → {after}"
        );
    }
}

/// No page holds a frame up: run on its own, in release.
#[test]
#[ignore = "a measurement: cargo test --release --test window help::frames -- --ignored --nocapture"]
fn frames_of_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    for topic in Topic::ALL {
        act(&mut window, Action::Window(WindowAction::ShowHelp(topic)));
        window.run_steps(5);
        let start = Instant::now();
        window.run_steps(50);
        println!("{}: {:.2} ms a frame", topic.name(), start.elapsed().as_secs_f64() * 1000.0 / 50.0);
    }
}
