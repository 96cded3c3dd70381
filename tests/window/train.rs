//! The Train tab as a person uses it: what a training is watched on, its film, and its curves; without a screen.

#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::print_stdout, reason = "all of it is test code")]

use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::{Digits, synthetic};
use dubito::gui::action::{Action, DrawAction, GalleryAction, Pick, RunAction, TrainAction, WindowAction};
use dubito::gui::settings::{Settings, Tab, TrainSettings, Watched};
use dubito::gui::state::State;
use dubito::sampling::SweepConfig;
use dubito::shown::film::FilmFrame;
use dubito::shown::subject::Origin;
use dubito::uncertainty::Measures;
use egui::Key;
use egui_kittest::kittest::Queryable as _;

fn write(folder: &Path, stem: &str, digits: &Digits) {
    write_images(&folder.join(format!("{stem}-images-idx3-ubyte")), digits, Packing::Plain).unwrap();
    write_labels(&folder.join(format!("{stem}-labels-idx1-ubyte")), digits, Packing::Plain).unwrap();
}

/// A folder with a few synthetic digits as MNIST's files.
fn folder(seed: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "t10k", &synthetic::generate(80, seed));
    write(folder.path(), "train", &synthetic::generate(400, seed + 1));
    folder
}

/// A window with the Train tab open, to train quickly.
fn ready(folder: &Path, watched: Watched) -> Window {
    let training = TrainSettings {
        epochs: 2,
        hidden: 32,
        batch_size: 20,
        learning_rate: 4e-3,
        watched,
        ..TrainSettings::default()
    };
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, training, tab: Tab::Train, ..Settings::default() });
    settle(&mut window);
    window
}

/// Trains to the end, and waits until the new network has been asked about all images.
fn train(window: &mut Window) {
    window.get_by_label_contains("Start training").click();
    window.run_steps(2);
    wait_until(window, "the trained network", |state| state.panels.train.run.network.is_some());
    settle(window);
}

fn frame(state: &State) -> FilmFrame {
    state.panels.train.run.film.shown().unwrap().clone()
}

fn free_the_keyboard(window: &mut Window) {
    if let Some(id) = window.ctx.memory(egui::Memory::focused) {
        window.ctx.memory_mut(|memory| memory.surrender_focus(id));
    }
    window.run_steps(1);
}

#[test]
fn a_training_leaves_a_film_of_two_images_of_each_digit_to_walk_through() {
    let folder = folder(11);
    let mut window = ready(folder.path(), Watched::Usual);
    window.get_by_label("Watch a network learn");
    train(&mut window);
    let run = &state(&window).panels.train.run;
    // 360 images in steps of 20: after 0, 1, 2, 3, 5, 9 and 18 steps, and after the second epoch.
    let epochs: Vec<f64> = run.film.frames.iter().map(|frame| frame.epochs * 18.0).collect();
    assert_eq!(
        epochs.iter().map(|steps| steps.round()).collect::<Vec<_>>(),
        [0.0, 1.0, 2.0, 3.0, 5.0, 9.0, 18.0, 36.0]
    );
    let head = run.film.head().unwrap();
    assert!(head.images.len() > 10 && head.row == Some(10), "40 images are held back");
    assert_eq!((head.asked, head.validation, head.sampled.passes), (40, 40, 20));
    window.get_by_label_contains("Training 1: trained here");
    window.get_by_label_contains("40 of 40 validation images with dropout:");
    window.get_by_label("epoch   2.00 of 2");
    let last = frame(state(&window));
    let name = |frame: &FilmFrame| {
        let (image, measures) = (&frame.head.images[0], &frame.images[0]);
        format!(
            "{}, label {}: says {}, H {:.3}, MI {:.3} nats",
            image.name,
            image.label.unwrap(),
            measures.prediction(),
            measures.predictive_entropy,
            measures.mutual_information
        )
    };
    window.get_by_label(&name(&last));
    // By its buttons.
    window.get_by_label("Previous frame of the film").click();
    window.run_steps(3);
    assert_eq!(frame(state(&window)).epochs, 1.0);
    window.get_by_label("epoch   1.00 of 2");
    window.get_by_label(&name(&frame(state(&window))));
    // By the keyboard, with nothing in focus.
    free_the_keyboard(&mut window);
    window.key_press(Key::Home);
    window.run_steps(3);
    let untrained = frame(state(&window));
    assert_eq!(untrained.epochs, 0.0);
    let doubt = untrained.validation.unwrap().entropy;
    assert!(doubt > 1.5, "ten classes alike have 2.3 nats: {doubt}");
    assert!(doubt > last.validation.unwrap().entropy);
    for key in [Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft] {
        window.key_press(key);
        window.run_steps(3);
    }
    assert_eq!(state(&window).panels.train.run.film.at(), 1);
    // By the slider.
    window.get_by_label("Epoch of the film").focus();
    window.run_steps(2);
    window.key_press(Key::ArrowRight);
    window.run_steps(3);
    assert_eq!(state(&window).panels.train.run.film.at(), 2);
    // By a click on a curve.
    let place = window.get_by_label_contains("Loss along the training.").rect();
    window.hover_at(place.left_center() + egui::vec2(1.0, 0.0));
    window.run_steps(1);
    window.drag_at(place.left_center() + egui::vec2(1.0, 0.0));
    window.run_steps(1);
    window.drop_at(place.left_center() + egui::vec2(1.0, 0.0));
    window.run_steps(3);
    assert_eq!(state(&window).panels.train.run.film.at(), 0);
}

#[test]
fn a_film_plays_to_its_end_by_itself() {
    let folder = folder(11);
    let mut window = ready(folder.path(), Watched::Usual);
    train(&mut window);
    window.get_by_label("Play the film of the training").click();
    window.step();
    window.step();
    assert_eq!(state(&window).panels.train.run.film.at(), 0, "from its start");
    window.get_by_label("Pause the film");
    wait_until(&mut window, "the end of the film", |state| !state.panels.train.run.film.playing);
    assert_eq!(state(&window).panels.train.run.film.at(), 7);
}

#[test]
fn the_last_frame_says_of_an_image_what_the_inspector_says_once_the_network_is_open() {
    let folder = folder(11);
    let mut window = ready(folder.path(), Watched::Selection);
    act(&mut window, Action::Gallery(GalleryAction::Select(7, Pick::Only)));
    act(&mut window, Action::Gallery(GalleryAction::Select(12, Pick::Toggle)));
    settle(&mut window);
    window.get_by_label("selection (2)");
    train(&mut window);
    let frame = frame(state(&window));
    let names: Vec<&str> = frame.head.images.iter().map(|image| image.name.as_str()).collect();
    assert!(names[0].starts_with("Image 7 of ") && names[1].starts_with("Image 12 of "), "{names:?}");
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    settle(&mut window);
    let inspected = state(&window).panels.inspector.view.clone().unwrap();
    assert_eq!(inspected.origin, Origin::Dataset(12));
    assert_eq!(frame.images[1], Measures { from_passes: None, ..inspected.measures.clone() });
}

#[test]
fn the_drawing_is_watched_where_there_is_one_and_the_usual_images_where_there_is_none() {
    let folder = folder(11);
    let mut window = ready(folder.path(), Watched::Drawing);
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "the trained network", |state| state.panels.train.run.network.is_some());
    assert!(state(&window).panels.train.run.film.head().unwrap().row.is_some());
    act(&mut window, Action::Draw(DrawAction::OpenImage(Origin::Dataset(3))));
    wait_until(&mut window, "the answer", |state| {
        state.shared.sights.drawn.as_ref().is_some_and(|view| view.seen.is_some())
    });
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "the trained network", |state| {
        state.panels.train.run.number == 2 && state.panels.train.run.network.is_some()
    });
    let frame = frame(state(&window));
    assert_eq!(frame.head.images.len(), 1);
    assert_eq!(frame.head.images[0].name, "Your drawing");
}

#[test]
fn a_stopped_training_keeps_its_film_and_other_images_do_not_change_its_name() {
    let (folder, other) = (folder(11), folder(21));
    let mut window = ready(folder.path(), Watched::Usual);
    let long = TrainSettings { epochs: 200, ..state(&window).shared.settings.training };
    act(&mut window, Action::Train(TrainAction::Set(long)));
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "some frames", |state| state.panels.train.run.film.frames.len() > 3);
    window.get_by_label_contains("Stop and keep").click();
    wait_until(&mut window, "the kept network", |state| state.panels.train.run.network.is_some());
    settle(&mut window);
    let run = &state(&window).panels.train.run;
    let head = run.film.head().unwrap().clone();
    let before = run.film.frames.len();
    assert!(before > 4 && frame(state(&window)).epochs < 200.0);
    let images = state(&window).shared.dataset.as_ref().unwrap().digits.hash();
    act(&mut window, Action::Run(RunAction::Dropped(vec![other.path().to_path_buf()])));
    wait_until(&mut window, "other images", |state| {
        state.shared.dataset.as_ref().is_some_and(|dataset| dataset.digits.hash() != images)
    });
    act(&mut window, Action::Run(RunAction::UseBundledModel));
    settle(&mut window);
    let run = &state(&window).panels.train.run;
    assert_eq!(run.film.frames.len(), before);
    assert_eq!(run.film.head().unwrap().images, head.images);
    assert_eq!(run.film.head().unwrap().source, head.source);
    window.get_by_label_contains("Training 1: trained here");
    window.get_by_label_contains(&head.source);
}

#[test]
#[ignore = "a measurement: the machine must be quiet"]
fn a_frame_of_the_train_tab_takes_less_than_4_ms() {
    let folder = folder(11);
    let mut window = ready(folder.path(), Watched::Usual);
    let long = TrainSettings { epochs: 40, ..state(&window).shared.settings.training };
    act(&mut window, Action::Train(TrainAction::Set(long)));
    train(&mut window);
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..40 {
        act(&mut window, Action::Train(TrainAction::Walk(-1)));
        let start = Instant::now();
        window.step();
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "{} frames; median {:?}, longest {:?}",
        state(&window).panels.train.run.film.frames.len(),
        times[20],
        times[39]
    );
    assert!(times[20] < Duration::from_millis(4));
}
