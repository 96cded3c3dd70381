//! Networks of other makers in the window: their sites of dropout, their rates, and what stays a LeNet's alone.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, reason = "all of it is test code")]

use std::path::PathBuf;

use crate::common::graph::{write_coloured, write_colours, write_lenet};
use crate::common::{Window, act, settle, state, wait_until, window, write_digits};
use dubito::gui::action::{
    Action, FileAction, FilePurpose, GalleryAction, Pick, RotateAction, RunAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::model::graph::{By, Origin};
use dubito::sampling::{DropoutAt, SweepConfig};
use dubito::shown::subject::Origin as ImageOrigin;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// The window with a few digits, and the network dropped on it.
fn ready(folder: &tempfile::TempDir) -> (Window, PathBuf) {
    write_digits(folder.path(), 60);
    let network = folder.path().join("theirs.onnx");
    write_lenet(&network);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, top: 20, ..Settings::default() });
    settle(&mut window);
    act(&mut window, Action::Run(RunAction::Dropped(vec![network.clone()])));
    wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
    settle(&mut window);
    (window, network)
}

/// Where dropout acts in what the gallery shows.
fn shown(window: &Window) -> DropoutAt {
    state(window).shared.run.gallery.as_ref().unwrap().key.pairing.network.dropout
}

#[test]
fn a_dropped_network_is_ranked_with_its_own_rates_and_a_moved_slider_gives_all_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 2, own_rates: true });
    assert!(window.query_by_label_contains("rates of the file").is_some());
    act(&mut window, Action::Run(RunAction::SetDropout(0.3)));
    settle(&mut window);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 2, own_rates: false });
    assert!(window.query_by_label_contains("p = 0.30").is_some());
    let at_30 = state(&window).shared.run.gallery.as_ref().unwrap().measures.clone();
    act(&mut window, Action::Run(RunAction::SetDropout(0.6)));
    settle(&mut window);
    let at_60 = state(&window).shared.run.gallery.as_ref().unwrap().measures.clone();
    assert!(
        at_30.iter().zip(at_60.iter()).any(|(low, high)| low.predictive_entropy != high.predictive_entropy)
    );
    window.get_by_role_and_label(Role::Button, "Back to the rates of the file").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 2, own_rates: true });
}

#[test]
fn the_chip_lists_the_sites_and_switches_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    let opened = state(&window).shared.model.what.graph().unwrap().clone();
    assert_eq!(opened.on, [false, false, true, true]);
    assert_eq!(opened.graph.sites()[0].origin, Origin::Possible);
    let named = window.query_all_by_label_contains("theirs.onnx");
    let chip = named.into_iter().find(|node| node.accesskit_node().role() == Role::Button);
    chip.unwrap().click();
    window.run_steps(3);
    let listed = |window: &Window, text: &str| window.query_by_label_contains(text).is_some();
    assert!(listed(&window, "Gemm fc1.weight · 800 units · rate 0.25"));
    window.get_by_label_contains("Gemm fc2.weight · 500 units · rate 0.50").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 1, own_rates: true });
    assert_eq!(state(&window).shared.model.what.graph().unwrap().on, [false, false, true, false]);
}

#[test]
fn a_site_before_a_convolution_drops_units_or_channels() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    let named = window.query_all_by_label_contains("theirs.onnx");
    let chip = named.into_iter().find(|node| node.accesskit_node().role() == Role::Button);
    chip.unwrap().click();
    window.run_steps(3);
    let channels = "Whole channels drop before Conv conv2.weight";
    assert!(window.query_by_label(channels).is_none(), "it is off");
    window.get_by_label_contains("Conv conv2.weight · 2,880 units · not in the file").click();
    window.run_steps(3);
    settle(&mut window);
    let key = |window: &Window| state(window).shared.run.gallery.as_ref().unwrap().key.pairing.network;
    let by_units = key(&window);
    // Each pass runs the graph now: the image is explained all the same, without slopes.
    let explained = state(&window).panels.explain.view.as_ref().unwrap();
    assert!(explained.complete && explained.gradient.is_none() && explained.way.is_some());
    window.get_by_label(channels).click();
    window.run_steps(3);
    settle(&mut window);
    assert_ne!(key(&window), by_units, "another run");
    assert!(state(&window).shared.model.detail(0.5).contains("before Conv conv2.weight by channels at 0.5"));
    assert!(window.query_by_label_contains("Conv conv2.weight · 20 channels").is_some());
}

#[test]
fn the_drawing_shows_the_layers_and_switches_the_sites() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowNetwork));
    window.run_steps(4);
    for text in ["conv2.weight", "50×8×8", "Dropout 0.25 · 800 units", "Dropout possible · 2,880 units"] {
        assert!(window.query_by_label(text).is_some(), "{text}");
    }
    window.get_by_label("Dropout 0.50 · 500 units").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.model.what.graph().unwrap().on, [false, false, true, false]);
    assert!(window.query_by_label("Dropout off · 500 units").is_some(), "it stays open");
    // By the keyboard.
    let possible = "Dropout possible · 2,880 units";
    window.get_by_label(possible).focus();
    window.run_steps(2);
    window.key_press(egui::Key::Space);
    window.run_steps(3);
    assert_eq!(state(&window).shared.model.what.graph().unwrap().on, [false, true, true, false]);
    window.get_by_label("Whole channels drop before Conv conv2.weight").click();
    window.run_steps(3);
    assert_eq!(state(&window).shared.model.what.graph().unwrap().by[1], By::Channel);
    settle(&mut window);
    act(&mut window, Action::Run(RunAction::UseBundledModel));
    settle(&mut window);
    // A LeNet's sites are there to be seen.
    assert!(window.query_by_label("Dropout off · 11,520 units").is_some());
    let fixed = window.get_by_label("Dropout 0.50 · 500 units");
    assert_eq!(fixed.accesskit_node().role(), Role::Label);
    window.key_press(egui::Key::Escape);
    window.run_steps(3);
    assert!(window.query_by_label("Dropout off · 11,520 units").is_none());
}

#[test]
fn sites_and_rates_are_steps_to_go_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    let key = |window: &Window| state(window).shared.model.key();
    let mut keys = vec![key(&window)];
    for (action, name) in [
        (RunAction::SetSite(3, None), "dropout before Gemm fc2.weight on → off"),
        (RunAction::SetSite(1, Some(By::Channel)), "dropout before Conv conv2.weight off → by channels"),
        (RunAction::SetSite(1, Some(By::Unit)), "dropout before Conv conv2.weight by channels → on"),
        (RunAction::SetSite(1, None), "dropout before Conv conv2.weight on → off"),
        (RunAction::SetDropout(0.3), "rates of the file → one rate"),
        (RunAction::OwnRates, "one rate → rates of the file"),
    ] {
        act(&mut window, Action::Run(action));
        let named = state(&window).shared.steps(1).join("");
        assert!(named.contains(name), "{named}");
        keys.push(key(&window));
    }
    for key_then in keys.iter().rev().skip(1) {
        act(&mut window, Action::Undo);
        assert_eq!(key(&window), *key_then);
    }
    for key_then in &keys[1..5] {
        act(&mut window, Action::Redo);
        assert_eq!(key(&window), *key_then);
    }
    settle(&mut window);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 1, own_rates: true });
    act(&mut window, Action::Redo);
    assert_eq!(state(&window).shared.settings.sweep.dropout, 0.3);
    settle(&mut window);
    assert_eq!(shown(&window), DropoutAt::Sites { count: 1, own_rates: false });
    // Another network is open: what was chosen in this one is not its.
    act(&mut window, Action::Run(RunAction::UseBundledModel));
    let bundled = key(&window);
    act(&mut window, Action::Undo);
    assert_eq!(key(&window), bundled);
}

#[test]
fn all_views_work_with_it_and_only_a_lenet_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = ready(&folder);
    for tab in [Tab::Plane, Tab::Draw, Tab::Rotate, Tab::Quality, Tab::Train, Tab::Gallery] {
        act(&mut window, Action::Window(WindowAction::ShowTab(tab)));
        wait_until(&mut window, "all answers", |state| state.shared.jobs.is_empty());
        window.run_steps(3);
    }
    let errors: Vec<String> =
        state(&window).shared.notices.list().iter().map(|notice| notice.text.clone()).collect();
    assert!(errors.iter().all(|text| !text.contains("cannot")), "{errors:?}");
    let path = folder.path().join("saved.safetensors");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::SaveModel, path.clone())));
    settle(&mut window);
    assert!(!path.exists());
    let said: Vec<String> =
        state(&window).shared.notices.list().iter().map(|notice| notice.text.clone()).collect();
    assert!(said.iter().any(|text| text.contains("only a LeNet can be saved")), "{said:?}");
}

/// The window with pictures in colour, and a network that takes 16×16 of them, from −1 to 1.
fn coloured(folder: &tempfile::TempDir, side: u32) -> Window {
    let (pictures, network) = (folder.path().join("pictures"), folder.path().join("colours.onnx"));
    write_coloured(&pictures, 8, side);
    write_colours(&network);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let mut window = window(&pictures, Settings { sweep, top: 20, ..Settings::default() });
    settle(&mut window);
    act(&mut window, Action::Run(RunAction::Dropped(vec![network])));
    wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
    settle(&mut window);
    window
}

fn said(window: &Window) -> Vec<String> {
    state(window).shared.notices.list().iter().map(|notice| notice.text.clone()).collect()
}

#[test]
fn a_network_in_colour_says_what_its_input_should_be_and_keeps_what_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = coloured(&folder, 16);
    let predicted = |window: &Window| {
        let gallery = state(window).shared.run.gallery.as_ref().unwrap();
        let all = gallery.measures.iter().map(|measures| usize::from(measures.prediction()));
        all.zip([0, 1, 2].into_iter().flat_map(|class| [class; 8])).filter(|(a, b)| a == b).count()
    };
    // From 0 to 1 it answers rightly too; blue first, red and blue change places.
    assert_eq!(predicted(&window), 24);
    act(&mut window, Action::Run(RunAction::SetInput("signed+bgr".parse().unwrap())));
    settle(&mut window);
    wait_until(&mut window, "the check", |state| {
        state.shared.input_check.as_ref().is_some_and(|check| check.remark.is_some())
    });
    assert_eq!(predicted(&window), 8);
    let told = said(&window);
    assert!(told.iter().any(|text| text.contains("red and blue are likely exchanged")), "{told:?}");
    let named = window.query_all_by_label_contains("colours.onnx");
    let chip = named.into_iter().find(|node| node.accesskit_node().role() == Role::Button);
    chip.unwrap().click();
    window.run_steps(3);
    assert!(window.query_by_label_contains("Input: 16×16 colour, pixels as").is_some());
    let better = state(&window).shared.input_check.as_ref().unwrap().better.unwrap();
    window.get_by_label(&format!("Use {better}")).click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(predicted(&window), 24);
    assert!(state(&window).shared.model.what.named().contains(&format!("input {better}")));
    // Opened again, its file is given what was chosen for it.
    act(&mut window, Action::Run(RunAction::UseBundledModel));
    settle(&mut window);
    act(&mut window, Action::Run(RunAction::Dropped(vec![folder.path().join("colours.onnx")])));
    wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
    assert_eq!(state(&window).shared.model.what.graph().unwrap().preprocessing, better);
}

#[test]
fn all_views_work_in_colour_and_nothing_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = coloured(&folder, 20);
    act(&mut window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(&mut window);
    for tab in [Tab::Plane, Tab::Draw, Tab::Rotate, Tab::Quality, Tab::Gallery] {
        act(&mut window, Action::Window(WindowAction::ShowTab(tab)));
        wait_until(&mut window, "all answers", |state| state.shared.jobs.is_empty());
        window.run_steps(3);
        if tab == Tab::Draw {
            assert!(window.query_by_label_contains("This network takes colours").is_some());
            act(
                &mut window,
                Action::File(FileAction::Chosen(FilePurpose::OpenPicture, folder.path().join("a.png"))),
            );
            assert!(said(&window).iter().any(|text| text.contains("open the pictures as data")));
        }
    }
    act(&mut window, Action::Rotate(RotateAction::Open(ImageOrigin::Dataset(3))));
    wait_until(&mut window, "all answers", |state| state.shared.jobs.is_empty());
    assert!(state(&window).panels.rotate.view.as_ref().is_some_and(|view| view.steps.len() > 3));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    let explained = |state: &dubito::gui::state::State| {
        state.panels.explain.view.as_ref().is_some_and(|view| view.gradient.is_some())
    };
    wait_until(&mut window, "an explanation", explained);
    let errors = said(&window);
    assert!(errors.iter().all(|text| !text.contains("cannot")), "{errors:?}");
}
