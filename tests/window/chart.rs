//! Charts leave the window: by mouse and by keyboard, as picture and as data, onto the clipboard and into files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of it is test code")]

use std::fs;
use std::path::Path;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::corruption::Corruption;
use dubito::data::foreign::Foreign;
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::synthetic;
use dubito::gui::action::{Action, DrawAction, QualityAction, Section, TrainAction, WindowAction};
use dubito::gui::settings::{Settings, Tab, TrainSettings};
use dubito::gui::shared::Overlay;
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use egui::accesskit::Role;
use egui::{Key, OutputCommand};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const PASSES: usize = 20;

fn ready() -> Window {
    open(Path::new("synthetic"))
}

fn open(data: &Path) -> Window {
    let sweep = SweepConfig { passes: PASSES, ..SweepConfig::default() };
    let mut window = window(data, Settings { sweep, ..Settings::default() });
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
    window.step();
}

/// Answers the prompt for a path.
fn give(window: &mut Window, path: &Path) {
    window.run_steps(3);
    let field = window.get_by_role(Role::TextInput);
    field.focus();
    window.run_steps(2);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    window.get_by_role(Role::TextInput).type_text(path.to_str().unwrap());
    window.run_steps(2);
    window.get_by_role_and_label(Role::Button, "Save").click();
    window.run_steps(3);
    // What is there already is replaced only when that is said.
    if let Some(replace) = window.query_by_role_and_label(Role::Button, "Replace") {
        replace.click();
        window.run_steps(3);
    }
}

fn notice(window: &mut Window, part: &str) {
    let what = format!("a notice of {part:?}");
    wait_until(window, &what, |state| {
        state.shared.notices.list().iter().any(|notice| notice.text.contains(part))
    });
}

/// Chooses a line of the menu and waits for what it puts on the clipboard, in whichever frame that happens.
fn copied<T>(window: &mut Window, down: usize, find: impl Fn(&OutputCommand) -> Option<T>) -> T {
    choose(window, down);
    let start = std::time::Instant::now();
    loop {
        if let Some(found) = window.output().platform_output.commands.iter().find_map(&find) {
            return found;
        }
        assert!(start.elapsed().as_secs() < 60, "nothing was copied");
        std::thread::sleep(std::time::Duration::from_millis(2));
        window.step();
    }
}

#[test]
fn by_keyboard_a_chart_is_copied_as_picture_and_as_data() {
    let mut window = ready();
    open_menu(&mut window, "predictive mean");
    let picture = copied(&mut window, 0, |command| match command {
        OutputCommand::CopyImage(image) => Some(image.clone()),
        _ => None,
    });
    notice(&mut window, "Copied the picture");
    assert_eq!(picture.size[0], 1600);
    let white = picture.pixels.iter().filter(|pixel| **pixel == egui::Color32::WHITE).count();
    assert!(white * 2 > picture.pixels.len() && white < picture.pixels.len(), "a page with something on it");

    open_menu(&mut window, "predictive mean");
    let table = copied(&mut window, 2, |command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    notice(&mut window, "Copied the data");
    let view = state(&window).panels.inspector.view.clone().unwrap();
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
        assert!(matches!(state(&window).shared.overlay, Overlay::Path(_)), "the question for a path");
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
    let view = state(&window).panels.inspector.view.clone().unwrap();
    let class = usize::from(view.measures.prediction());
    assert_eq!(&mean[2], view.measures.mean[class].to_string());
}

/// What is offered in the window now.
fn offered(window: &Window) -> Vec<String> {
    let buttons = window.get_all_by_role(Role::Button);
    let names = buttons.filter_map(|node| node.accesskit_node().label());
    names.filter_map(|name| name.strip_prefix("Copy or save: ").map(str::to_owned)).collect()
}

/// Saves every chart of the window as picture and as data.
fn save_all(window: &mut Window, folder: &Path) -> Vec<String> {
    let names = offered(window);
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "each chart has a name of its own: {names:?}");
    for name in &names {
        for (item, ending) in [("Save as PNG…", "png"), ("Save data as CSV…", "csv")] {
            window.get_by_role_and_label(Role::Button, &format!("Copy or save: {name}")).click_accesskit();
            window.run_steps(4);
            window.get_by_role_and_label(Role::Button, item).click_accesskit();
            window.run_steps(4);
            let file = format!("{}.{ending}", name.replace(' ', "-"));
            give(window, &folder.join(&file));
            notice(window, &file);
            let bytes = fs::read(folder.join(&file)).unwrap();
            if ending == "png" {
                let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
                let inked = picture.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
                assert!(inked > 3_000, "{file}: {inked} pixels of ink");
            } else {
                let rows = csv::Reader::from_reader(&bytes[..]).into_records().map(Result::unwrap).count();
                assert!(rows >= 6, "{file}: {rows} rows");
            }
        }
    }
    names
}

#[test]
fn every_view_offers_its_charts_and_each_is_written_whole() {
    let data = tempfile::tempdir().unwrap();
    for (stem, images) in [("t10k", 300), ("train", 400)] {
        let digits = synthetic::generate(images, 11);
        let path = |end: &str| data.path().join(format!("{stem}-{end}-ubyte"));
        write_images(&path("images-idx3"), &digits, Packing::Plain).unwrap();
        write_labels(&path("labels-idx1"), &digits, Packing::Plain).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(data.path());
    let inspector =
        ["predictive mean", "maps of change", "sampled probabilities", "measures", "entropy against T"];
    let gallery = save_all(&mut window, folder.path());
    for name in inspector.into_iter().chain(["measure of the images"]) {
        assert!(gallery.iter().any(|other| other == name), "{name} in {gallery:?}");
    }
    act(&mut window, Action::Window(WindowAction::ToggleInspector));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(4);
    assert!(save_all(&mut window, folder.path()).contains(&"plane".to_owned()));

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    wait_until(&mut window, "the intervals", |state| {
        state.shared.jobs.is_empty() && state.panels.quality.view.as_ref().is_some_and(|view| view.complete)
    });
    window.run_steps(4);
    act(&mut window, Action::Quality(QualityAction::Refuse(20)));
    assert_eq!(save_all(&mut window, folder.path()).len(), 8);
    let source = Foreign::Corrupted { corruption: Corruption::ALL[0], strength: 0.5, seed: 1 };
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(source))));
    act(&mut window, Action::Quality(QualityAction::Show(Section::Foreign)));
    wait_until(&mut window, "the foreign images", |state| {
        state.shared.jobs.is_empty() && state.shared.sights.foreign.as_ref().is_some_and(|view| view.complete)
    });
    window.run_steps(4);
    assert_eq!(save_all(&mut window, folder.path()).len(), 3);

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    act(&mut window, Action::Draw(DrawAction::OpenImage(Origin::Dataset(7))));
    wait_until(&mut window, "the answer", |state| {
        state.shared.sights.drawn.as_ref().is_some_and(|view| view.seen.is_some())
    });
    for points in [[[8.0, 8.0], [20.0, 20.0]], [[20.0, 8.0], [8.0, 20.0]]] {
        act(&mut window, Action::Draw(DrawAction::Begin { at: points[0], erase: false }));
        act(&mut window, Action::Draw(DrawAction::Extend(vec![points[1]])));
        act(&mut window, Action::Draw(DrawAction::End));
        wait_until(&mut window, "the answer to a stroke", |state| state.shared.jobs.is_empty());
    }
    window.run_steps(4);
    let drawing = save_all(&mut window, folder.path());
    for name in [
        "predictive mean of the drawing",
        "cloud of passes",
        "measures of the drawing",
        "doubt while drawing",
    ] {
        assert!(drawing.iter().any(|other| other == name), "{name} in {drawing:?}");
    }

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Train)));
    let training = TrainSettings { epochs: 2, hidden: 20, ..TrainSettings::default() };
    act(&mut window, Action::Train(TrainAction::Set(training)));
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "the end of training", |state| !state.panels.train.run.active);
    window.run_steps(4);
    assert_eq!(save_all(&mut window, folder.path()), ["training"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_a_clear_notice_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready();
    open_menu(&mut window, "entropy against T");
    choose(&mut window, 1);
    give(&mut window, &folder.path().join("missing/entropy.png"));
    window.get_by_label_contains("There is no folder");
    let typed = window.get_by_role(Role::TextInput).accesskit_node().value().unwrap_or_default();
    assert!(typed.ends_with("missing/entropy.png"), "what was typed stays, to be mended: {typed}");
    window.get_by_role_and_label(Role::Button, "Close").click();
    window.run_steps(3);

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
    let chosen = state(&window).shared.selected.clone();
    open_menu(&mut window, "predictive mean");
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(window.query_by_label("Copy picture").is_none());
    assert_eq!(state(&window).shared.selected, chosen);
}
