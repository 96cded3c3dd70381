//! What the user does with the window, and how it responds: without a screen, without a GPU.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use std::fs;
use std::path::Path;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::{Digits, synthetic};
use dubito::gui::action::{Action, FileAction, GalleryAction, RunAction, TrainAction, WindowAction};
use dubito::gui::settings::{Settings, Tab, TrainSettings};
use dubito::gui::shared::Overlay;
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use dubito::uncertainty::{Filter, Measure};
use dubito::worker::Slot;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const IMAGES: usize = 300;

/// A folder with a few synthetic digits as MNIST's files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "t10k", &synthetic::generate(IMAGES, 11));
    write(folder.path(), "train", &synthetic::generate(400, 12));
    folder
}

fn write(folder: &Path, stem: &str, digits: &Digits) {
    write_images(&folder.join(format!("{stem}-images-idx3-ubyte")), digits, Packing::Plain).unwrap();
    write_labels(&folder.join(format!("{stem}-labels-idx1-ubyte")), digits, Packing::Plain).unwrap();
}

fn settings() -> Settings {
    Settings { sweep: SweepConfig { passes: 20, ..SweepConfig::default() }, ..Settings::default() }
}

fn ready(folder: &Path) -> Window {
    let mut window = window(folder, settings());
    settle(&mut window);
    window
}

#[test]
fn the_gallery_ranks_every_image_and_the_inspector_shows_the_most_uncertain() {
    let folder = folder();
    let window = ready(folder.path());
    let state = state(&window);
    let view = state.shared.run.gallery.as_ref().unwrap();
    assert_eq!(view.ranked.order.len(), IMAGES);
    let entropies: Vec<f32> =
        view.ranked.order.iter().map(|index| view.measures[*index as usize].predictive_entropy).collect();
    assert!(entropies.is_sorted_by(|a, b| a >= b));
    let first = view.ranked.order[0];
    assert_eq!(state.shared.selected.primary, Some(first));
    window.get_by_label(&format!("Image {first}"));
}

#[test]
fn a_digit_key_shows_that_digit_and_a_shows_all() {
    let folder = folder();
    let mut window = ready(folder.path());
    window.key_press(Key::Num3);
    wait_until(&mut window, "digit 3", |state| {
        state.shared.run.gallery.as_ref().is_some_and(|view| view.query.digit == Some(3))
    });
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    assert_eq!(view.ranked.order.len(), labels.iter().filter(|label| [3].contains(*label)).count());
    assert!(view.ranked.order.iter().all(|index| labels[*index as usize] == 3));
    window.key_press(Key::A);
    wait_until(&mut window, "all digits", |state| {
        state.shared.run.gallery.as_ref().is_some_and(|view| view.ranked.order.len() == IMAGES)
    });
}

#[test]
fn clicking_a_card_shows_it_in_the_inspector_and_ctrl_click_builds_a_set() {
    let folder = folder();
    let mut window = ready(folder.path());
    let order = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.clone();
    let click = |window: &mut Window, index: u32, modifiers: Modifiers| {
        window
            .get_all_by_role(Role::Button)
            .find(|node| {
                let name = format!("Image {index}, ");
                node.accesskit_node().label().is_some_and(|label| label.starts_with(&name))
            })
            .unwrap()
            .click_modifiers(modifiers);
        window.run_steps(4);
    };
    click(&mut window, order[4], Modifiers::NONE);
    wait_until(&mut window, "the inspector", |state| {
        state.panels.inspector.view.as_ref().is_some_and(|view| view.origin == Origin::Dataset(order[4]))
    });
    click(&mut window, order[6], Modifiers::COMMAND);
    assert_eq!(state(&window).shared.selected.set.iter().collect::<Vec<_>>(), {
        let mut pair = vec![order[4], order[6]];
        pair.sort_unstable();
        pair
    });
    click(&mut window, order[9], Modifiers::SHIFT);
    assert_eq!(
        state(&window).shared.selected.set.len(),
        5,
        "{:?} of {:?}",
        state(&window).shared.selected,
        &order[..10]
    );
    // Selection is by dataset index: a filter does not move it.
    let chosen = state(&window).shared.selected.clone();
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Right)));
    settle(&mut window);
    assert_eq!(state(&window).shared.selected, chosen);
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(state(&window).shared.selected.set.is_empty());
}

#[test]
fn arrows_walk_through_the_order_shown() {
    let folder = folder();
    let mut window = ready(folder.path());
    let order = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.clone();
    window.key_press(Key::ArrowRight);
    window.run_steps(2);
    assert_eq!(state(&window).shared.selected.primary, Some(order[1]));
    window.key_press(Key::End);
    window.run_steps(2);
    // The end of the second half: the 30th of the least certain.
    assert_eq!(state(&window).shared.selected.primary, Some(order[29]));
    window.key_press(Key::Home);
    window.run_steps(2);
    // The start of the first half: the most certain of all.
    assert_eq!(state(&window).shared.selected.primary, Some(order[IMAGES - 1]));
}

#[test]
fn fewer_passes_are_a_prefix_and_more_sample_on() {
    let folder = folder();
    let mut window = ready(folder.path());
    let full = state(&window).shared.run.gallery.as_ref().unwrap().measures.clone();
    act(&mut window, Action::Run(RunAction::SetPasses(7)));
    assert!(!crate::common::runs(state(&window), Slot::Sweep), "fewer passes need no sampling");
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().measures[0].passes, 7);
    window.get_by_role_and_label(Role::Slider, "Passes").set_value_accesskit(35.0);
    window.step();
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().measures[0].passes, 35);
    act(&mut window, Action::Run(RunAction::SetPasses(20)));
    settle(&mut window);
    assert_eq!(
        *state(&window).shared.run.gallery.as_ref().unwrap().measures,
        *full,
        "the same prefix, the same numbers"
    );
}

#[test]
fn another_dropout_rate_keeps_the_old_result_in_sight_and_going_back_is_instant() {
    let folder = folder();
    let mut window = ready(folder.path());
    let before = state(&window).shared.run.gallery.as_ref().unwrap().measures.clone();
    act(&mut window, Action::Run(RunAction::SetDropout(0.3)));
    assert!(state(&window).shared.run.gallery.is_some(), "the last complete result stays visible");
    settle(&mut window);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    assert!((view.sampled.dropout - 0.3).abs() < 1e-6);
    assert_ne!(*view.measures, *before);
    window.get_by_label_contains("p differs from the 0.50 of training");
    act(&mut window, Action::Run(RunAction::SetDropout(0.5)));
    assert!(!crate::common::runs(state(&window), Slot::Sweep), "a visited rate is not sampled again");
    settle(&mut window);
    assert_eq!(*state(&window).shared.run.gallery.as_ref().unwrap().measures, *before);
}

#[test]
fn the_palette_carries_out_what_is_typed() {
    let folder = folder();
    let mut window = ready(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::Palette);
    window.event(egui::Event::Text("sort mutual".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::None);
    assert_eq!(state(&window).shared.settings.measure, Measure::MutualInformation);
}

#[test]
fn the_grid_and_the_table_are_written_where_the_path_field_says() {
    let folder = folder();
    let mut window = ready(folder.path());
    let picture = folder.path().join("grid.png");
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run_steps(3);
    act(
        &mut window,
        Action::File(FileAction::Chosen(dubito::gui::action::FilePurpose::ExportPicture, picture.clone())),
    );
    wait_until(&mut window, "the picture", |state| !crate::common::runs(state, Slot::Export));
    let decoded = image::open(&picture).unwrap();
    assert!(decoded.width() > 300 && decoded.height() > 100);
    let same = folder.path().join("command.png");
    let done = crate::cli::dubito("export", "--passes 20 --top 30", folder.path(), &same);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(fs::read(&picture).unwrap() == fs::read(&same).unwrap(), "the command writes the same bytes");
    let table = folder.path().join("table.csv");
    act(
        &mut window,
        Action::File(FileAction::Chosen(dubito::gui::action::FilePurpose::ExportTable, table.clone())),
    );
    wait_until(&mut window, "the table", |state| !crate::common::runs(state, Slot::Export));
    // A header, and the two halves of thirty.
    assert_eq!(fs::read_to_string(&table).unwrap().lines().count(), 61);
    let nowhere = folder.path().join("no such folder").join("grid.png");
    act(
        &mut window,
        Action::File(FileAction::Chosen(dubito::gui::action::FilePurpose::ExportPicture, nowhere)),
    );
    wait_until(&mut window, "the failure", |state| !crate::common::runs(state, Slot::Export));
    assert!(state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("no such folder")));
}

#[test]
fn a_model_that_cannot_be_opened_is_a_notice_that_names_it_and_changes_nothing() {
    let folder = folder();
    let mut window = ready(folder.path());
    let path = folder.path().join("broken.safetensors");
    fs::write(&path, b"not a model").unwrap();
    let before = state(&window).shared.model.hash.clone();
    act(&mut window, Action::Run(RunAction::Dropped(vec![path])));
    wait_until(&mut window, "the failure", |state| !state.shared.notices.list().is_empty());
    let notice = state(&window).shared.notices.list()[0].clone();
    assert!(notice.text.contains("broken.safetensors"), "{}", notice.text);
    assert_eq!(state(&window).shared.model.hash, before);
    assert!(state(&window).shared.run.gallery.is_some());
    window.run_steps(3);
    window.get_by_label_contains("Dismiss: Problem").click();
    window.run_steps(3);
    assert!(state(&window).shared.notices.list().is_empty());
}

#[test]
fn a_folder_without_images_leaves_the_window_usable() {
    let empty = tempfile::tempdir().unwrap();
    let mut window = window(empty.path(), settings());
    wait_until(&mut window, "the failure", |state| state.shared.load_error.is_some());
    window.run_steps(2);
    window.get_by_label("Use synthetic digits");
    let folder = folder();
    act(&mut window, Action::Run(RunAction::Dropped(vec![folder.path().to_path_buf()])));
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(), IMAGES);
}

#[test]
fn training_shows_its_curves_and_its_network_comes_into_use() {
    let folder = folder();
    let mut window = ready(folder.path());
    let bundled = state(&window).shared.model.hash.clone();
    let training = TrainSettings { epochs: 2, hidden: 16, ..TrainSettings::default() };
    act(&mut window, Action::Train(TrainAction::Set(training)));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Train)));
    window.run_steps(2);
    window.get_by_label_contains("Start training").click();
    window.run_steps(2);
    wait_until(&mut window, "the trained network", |state| state.shared.model.hash != bundled);
    settle(&mut window);
    assert_eq!(state(&window).panels.train.run.validation.len(), 2);
    assert!(!state(&window).panels.train.run.running.is_empty());
    assert_eq!(state(&window).shared.model.what.lenet().unwrap().architecture().hidden, 16);
    act(&mut window, Action::Run(RunAction::UseBundledModel));
    settle(&mut window);
    assert_eq!(state(&window).shared.model.hash, bundled);
}

#[test]
fn stopping_a_training_keeps_what_was_learnt() {
    let folder = folder();
    let mut window = ready(folder.path());
    let bundled = state(&window).shared.model.hash.clone();
    act(
        &mut window,
        Action::Train(TrainAction::Set(TrainSettings {
            epochs: 200,
            hidden: 16,
            ..TrainSettings::default()
        })),
    );
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "a first report", |state| state.panels.train.run.last.is_some());
    window.run_steps(2);
    window.get_by_label_contains("Stop and keep").click();
    wait_until(&mut window, "the kept network", |state| state.shared.model.hash != bundled);
    assert!(!state(&window).panels.train.run.active);
}

#[test]
fn undo_brings_the_filter_back() {
    let folder = folder();
    let mut window = ready(folder.path());
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(5))));
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    assert_eq!(state(&window).shared.settings.filter, Filter::All);
    assert_eq!(state(&window).shared.settings.digit, Some(5));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    window.run_steps(2);
    assert_eq!(state(&window).shared.settings.filter, Filter::Wrong);
}

#[test]
fn a_filter_that_leaves_nothing_says_so_and_offers_the_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let seven: Vec<u16> = synthetic::generate(IMAGES, 3).labels().to_vec();
    let digits = synthetic::generate(IMAGES, 3);
    let kept: Vec<usize> = (0..IMAGES).filter(|index| seven[*index] != 7).collect();
    let pixels = kept.iter().flat_map(|index| digits.image(*index).to_vec()).collect();
    let labels = kept.iter().map(|index| seven[*index]).collect();
    write(folder.path(), "t10k", &Digits::new(pixels, labels).unwrap());
    let mut window = ready(folder.path());
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(7))));
    wait_until(&mut window, "nothing", |state| {
        state.shared.run.gallery.as_ref().is_some_and(|view| view.ranked.order.is_empty())
    });
    window.run_steps(2);
    window.get_by_label("Show all images").click();
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(), kept.len());
}

/// Run alone, optimised, on real digits: `MNIST_DIR=… cargo test --release --test window frames -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn frames_are_short() {
    let mut window = window(&crate::mnist::folder(), Settings::default());
    settle(&mut window);
    for (name, zoom) in [("zoom 28", 28.0), ("zoom 64", 64.0)] {
        act(
            &mut window,
            Action::Gallery(GalleryAction::SetArrangement(dubito::gui::settings::Arrangement::Ranking)),
        );
        act(&mut window, Action::Gallery(GalleryAction::SetZoom(zoom)));
        settle(&mut window);
        let mut times = Vec::new();
        for step in 0..200 {
            window.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: egui::vec2(0.0, if step < 150 { -120.0 } else { 120.0 }),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            });
            let start = std::time::Instant::now();
            window.step();
            times.push(start.elapsed());
        }
        times.sort();
        println!("{name}: median {:?}, 95 % {:?}, longest {:?}", times[100], times[190], times[199]);
    }
}
