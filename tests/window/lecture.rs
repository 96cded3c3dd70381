//! The lecture view: large type, the sub-network marked, and the pointer's numbers in one place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use crate::common::{Window, act, open, settle, state, wait_until};
use dubito::gui::action::{Action, GalleryAction, Shelf, SubnetworkAction, WindowAction};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use egui::{Key, Rect, Vec2, ViewportCommand};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn ready(size: [f32; 2]) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    crate::common::write_digits(folder.path(), 40);
    let sweep = SweepConfig { passes: 6, ..SweepConfig::default() };
    let settings = Settings { sweep, ..Settings::default() };
    let mut window = open(Harness::builder().with_size(size), folder.path(), settings);
    settle(&mut window);
    (window, folder)
}

/// What the window asks of the system when this is done.
fn fullscreen_after(window: &mut Window, action: WindowAction) -> Option<bool> {
    act(window, Action::Window(action));
    let commands = window.output().viewport_output.values().flat_map(|viewport| &viewport.commands);
    let mut asked = commands.filter_map(|command| match command {
        ViewportCommand::Fullscreen(on) => Some(*on),
        _ => None,
    });
    asked.next_back()
}

fn readout(window: &Window) -> String {
    window.get_by_label_contains("Read-out: ").accesskit_node().value().unwrap()
}

fn readout_place(window: &Window) -> Rect {
    window.get_by_label_contains("Read-out: ").rect()
}

fn enter(window: &mut Window) {
    window.key_press(Key::F11);
    window.step();
    window.run_steps(4);
    assert!(state(window).shared.lecture);
}

#[test]
fn f11_fills_the_screen_and_enlarges_all_and_esc_and_f11_bring_it_back_as_it_was() {
    for (size, own, leave) in [
        ([1280.0, 800.0], 1.0_f32, Key::Escape),
        ([1920.0, 1080.0], 1.0, Key::F11),
        ([1920.0, 1080.0], 1.25, Key::Escape),
    ] {
        let (mut window, _folder) = ready(size);
        window.ctx.set_zoom_factor(own);
        window.run_steps(3);
        let before = window.ctx.content_rect();
        let settings = state(&window).shared.settings.clone();
        enter(&mut window);
        let zoom = window.ctx.zoom_factor();
        assert!(zoom > 1.4, "{zoom}");
        let points = window.ctx.content_rect().size();
        assert!(points.x >= 759.0 && points.y >= 479.0, "{points}");
        // A fiftieth of the height for the smallest text there is.
        assert!(10.5 * zoom >= size[1] / 53.0, "{zoom}");
        assert!(window.get_by_label("Gallery").rect().height() * zoom > 28.0);
        window.key_press(leave);
        window.run_steps(6);
        assert!(!state(&window).shared.lecture && window.query_by_label_contains("Read-out: ").is_none());
        assert_eq!(window.ctx.zoom_factor().to_bits(), own.to_bits());
        assert!((window.ctx.content_rect().size() - before.size()).length() < 0.1);
        assert_eq!(state(&window).shared.settings, settings, "nothing of it is kept");
    }
}

#[test]
fn the_window_fills_the_screen_and_then_no_longer() {
    let (mut window, _folder) = ready([1280.0, 800.0]);
    assert_eq!(fullscreen_after(&mut window, WindowAction::ToggleLecture), Some(true));
    window.run_steps(3);
    assert_eq!(fullscreen_after(&mut window, WindowAction::ShowAbout), None);
    assert_eq!(fullscreen_after(&mut window, WindowAction::Escape), None, "the overlay first");
    assert_eq!(fullscreen_after(&mut window, WindowAction::Escape), Some(false));
}

#[test]
fn esc_closes_what_lies_over_the_lecture_first() {
    let (mut window, _folder) = ready([1280.0, 800.0]);
    enter(&mut window);
    act(&mut window, Action::Window(WindowAction::TogglePalette));
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(state(&window).shared.lecture);
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(!state(&window).shared.lecture);
}

#[test]
fn the_numbers_under_the_pointer_stand_large_in_a_place_that_stays() {
    let (mut window, _folder) = ready([1920.0, 1080.0]);
    enter(&mut window);
    settle(&mut window);
    let place = readout_place(&window);
    assert!(place.height() * window.ctx.zoom_factor() > 60.0, "{place}");
    let screen = Rect::from_min_size(egui::Pos2::ZERO, window.ctx.content_rect().size());
    assert!(screen.expand(1.0).contains_rect(place), "{place} in {screen}");
    let index = state(&window).shared.selected.primary.unwrap();
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[index as usize];
    assert!(
        readout(&window).starts_with(&format!("Read-out: Image {index} · label {label} · ")),
        "{}",
        readout(&window)
    );

    let view = state(&window).panels.inspector.view.clone().unwrap();
    let class = view.measures.prediction();
    window.get_by_label_contains(&format!("Class {class}, probability")).hover();
    window.run_steps(3);
    let votes = view.measures.votes[usize::from(class)];
    let said = readout(&window);
    assert!(said.starts_with(&format!("Read-out: Class {class}: ")), "{said}");
    assert!(said.ends_with(&format!("{votes} of 6 passes")), "{said}");
    assert_eq!(readout_place(&window), place);

    // The first of the most certain, which are at the top.
    let shown = *state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.last().unwrap();
    window.get_by_label_contains(&format!("Image {shown}, label")).hover();
    window.run_steps(3);
    assert!(readout(&window).contains(&format!("#{shown} · label")), "{}", readout(&window));

    window.get_by_label_contains("Histogram of predictive entropy").hover();
    window.run_steps(3);
    assert!(readout(&window).contains("of the 40 shown"), "{}", readout(&window));

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(3);
    let plane = window.get_by_label_contains("Plane of expected entropy").rect();
    let found = (0..200).any(|at| {
        let share = Vec2::new((at % 20) as f32 / 20.0, (at / 20) as f32 / 10.0);
        window.hover_at(plane.lerp_inside(Vec2::new(share.x, 1.0 - share.y)));
        window.run_steps(2);
        readout(&window).contains(" nats")
    });
    assert!(found, "no dot says its numbers");
}

#[test]
fn the_sub_network_stepped_to_is_marked_in_the_inspector_with_its_number_and_its_answer() {
    let (mut window, _folder) = ready([1280.0, 800.0]);
    assert!(window.query_by_label_contains("Sub-network #3 says").is_none());
    act(&mut window, Action::Subnetwork(SubnetworkAction::Show(Some(2))));
    wait_until(&mut window, "the sub-network", |state| {
        state.panels.subnetwork.view.as_ref().is_some_and(|view| view.pass == 2)
    });
    settle(&mut window);
    let index = state(&window).shared.selected.primary.unwrap();
    let says = state(&window).panels.subnetwork.view.as_ref().unwrap().votes[index as usize];
    window.get_by_label_contains(&format!("Sub-network #3 says {says}, at "));
    enter(&mut window);
    assert!(readout(&window).ends_with(&format!(" · #3 says {says}")), "{}", readout(&window));
    // In sight without scrolling: the bars, and what the sub-network says.
    let end = readout_place(&window).top();
    for label in ["Class 9, probability", "Sub-network #3 says "] {
        let place = window.get_by_label_contains(label).rect();
        assert!(place.bottom() <= end, "{label}: {place} above {end}");
    }
    window.key_press(Key::CloseBracket);
    window.run_steps(2);
    wait_until(&mut window, "the next", |state| {
        state.panels.subnetwork.view.as_ref().is_some_and(|view| view.pass == 3)
    });
    window.run_steps(2);
    window.get_by_label_contains("Sub-network #4 says ");
}

#[test]
fn the_plane_keeps_room_for_its_plot_in_the_lecture_view() {
    let (mut window, _folder) = ready([1280.0, 800.0]);
    enter(&mut window);
    act(&mut window, Action::Gallery(GalleryAction::Shelf(Shelf::ConfidentlyWrong)));
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    settle(&mut window);
    let plot = window.get_by_label_contains("Plane of expected entropy").rect();
    let screen = window.ctx.content_rect();
    assert!(plot.height() > 0.4 * screen.height(), "{plot} of {screen}");
    window.get_by_label("Clear all");
}
