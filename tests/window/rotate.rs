//! The Rotate tab as a person uses it: the dial, play, the strip, the keyboard, the paper's setting; without a screen.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, reason = "all of it is test code")]

use std::path::Path;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::distortion::Distortion;
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::kept::to_numbers;
use dubito::data::{Digits, synthetic};
use dubito::gui::action::{
    Action, DrawAction, FileAction, FilePurpose, GalleryAction, Pick, RotateAction, RunAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::model::Placement;
use dubito::sampling::SweepConfig;
use dubito::shown::rotate::RotateView;
use dubito::shown::subject::Origin;
use dubito::uncertainty::Measures;
use dubito::uncertainty::course::Course;
use egui::accesskit::Role;
use egui::{Key, Pos2, Vec2};
use egui_kittest::kittest::Queryable as _;

const IMAGES: usize = 120;

fn folder_of(digits: &Digits) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), digits, Packing::Plain).unwrap();
    folder
}

fn folder() -> tempfile::TempDir {
    folder_of(&synthetic::generate(IMAGES, 11))
}

fn ready(folder: &Path) -> Window {
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, ..Settings::default() });
    settle(&mut window);
    window
}

fn rotate(window: &mut Window, action: RotateAction) {
    act(window, Action::Rotate(action));
}

/// Draws frames until the course asked for is there.
fn course(window: &mut Window) -> std::sync::Arc<RotateView> {
    wait_until(window, "the course", |state| {
        state.shared.jobs.is_empty() && state.panels.rotate.view.is_some() && !state.panels.rotate.is_stale()
    });
    window.run_steps(2);
    state(window).panels.rotate.view.clone().unwrap()
}

fn free_the_keyboard(window: &mut Window) {
    if let Some(id) = window.ctx.memory(egui::Memory::focused) {
        window.ctx.memory_mut(|memory| memory.surrender_focus(id));
    }
    window.run_steps(1);
}

#[test]
fn the_selected_image_is_turned_and_0_degrees_is_the_image_itself() {
    let folder = folder();
    let mut window = ready(folder.path());
    act(&mut window, Action::Gallery(GalleryAction::Select(7, Pick::Only)));
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Rotate)));
    let view = course(&mut window);
    assert_eq!(view.key.subject.origin, Origin::Dataset(7));
    assert_eq!((view.steps.len(), view.key.course), (73, Course::usual(Distortion::Rotation)));
    let itself = state(&window).panels.inspector.view.clone().unwrap();
    assert_eq!(itself.origin, Origin::Dataset(7));
    for step in [&view.steps[0], &view.steps[72]] {
        assert_eq!(step.image, to_numbers(&synthetic::generate(IMAGES, 11).image(7)));
        assert_eq!(step.probabilities, itself.probabilities, "the very passes of the sweep");
        // A course has no interval of its own: it is read from sums.
        assert_eq!(step.measures, Measures { from_passes: None, ..itself.measures.clone() });
    }
    window.get_by_label_contains("As the image turns from 0° to 360°");
    // A newer selection is followed when the tab is entered again.
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    act(&mut window, Action::Gallery(GalleryAction::Select(9, Pick::Only)));
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Rotate)));
    assert_eq!(course(&mut window).key.subject.origin, Origin::Dataset(9));
}

#[test]
fn the_dial_is_dragged_to_any_angle_and_the_passes_there_are_sampled() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    course(&mut window);
    let dial = window.get_by_label("Dial").rect();
    let at = |degrees: f32| {
        let angle = -degrees.to_radians();
        dial.center() + 90.0 * Vec2::new(angle.sin(), -angle.cos())
    };
    window.hover_at(at(2.0));
    window.run_steps(1);
    window.drag_at(at(2.0));
    window.run_steps(2);
    for degrees in [20.0, 47.0, 71.0, 98.0, 123.0] {
        window.hover_at(at(degrees));
        window.run_steps(1);
    }
    window.drop_at(at(123.0));
    window.run_steps(2);
    let amount = state(&window).panels.rotate.dial;
    assert!((amount - 123.0).abs() < 1.5, "{amount}");
    wait_until(&mut window, "the passes at the dial", |state| state.panels.rotate.at_dial().is_some());
    window.run_steps(2);
    let step = state(&window).panels.rotate.at_dial().unwrap();
    let original = to_numbers(&synthetic::generate(IMAGES, 11).image(3));
    assert_eq!(step.image, Distortion::Rotation.apply(&original, amount, 1));
    window.get_by_label_contains(&format!("At {amount:.0}° the answer is"));
    // Beyond a short range the dial stops at its end.
    rotate(&mut window, RotateAction::Range(0.0, 90.0));
    course(&mut window);
    assert_eq!(state(&window).panels.rotate.dial, 90.0);
}

#[test]
fn play_turns_the_dial_and_pause_stops_it_and_nothing_is_drawn_while_it_stands() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    course(&mut window);
    window.get_by_label("Let the dial turn").click();
    wait_until(&mut window, "the dial to turn", |state| state.panels.rotate.dial >= 20.0);
    assert!(state(&window).panels.rotate.playing);
    window.get_by_label("Stop the dial").click();
    window.run_steps(3);
    let stopped = state(&window).panels.rotate.dial;
    assert!(!state(&window).panels.rotate.playing);
    window.run();
    assert_eq!(state(&window).panels.rotate.dial, stopped);
    assert!(!window.ctx.has_requested_repaint(), "idle means idle");
}

#[test]
fn the_strip_and_the_keyboard_set_the_dial() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    rotate(&mut window, RotateAction::Range(0.0, 110.0));
    rotate(&mut window, RotateAction::Steps(12));
    let view = course(&mut window);
    window.get_by_label_contains("Step at 80°: answer").click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.rotate.dial, 80.0);
    assert_eq!(state(&window).panels.rotate.at_dial().unwrap(), &*view.steps[8]);
    // With nothing in focus the arrows walk; on the dial too.
    free_the_keyboard(&mut window);
    for (key, expected) in
        [(Key::ArrowRight, 90.0), (Key::ArrowLeft, 80.0), (Key::End, 110.0), (Key::Home, 0.0)]
    {
        window.key_press(key);
        window.run_steps(2);
        assert_eq!(state(&window).panels.rotate.dial, expected, "{key:?}");
    }
    window.get_by_label("Dial").focus();
    window.run_steps(2);
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    assert_eq!(state(&window).panels.rotate.dial, 10.0);
    window.get_by_role_and_label(Role::Slider, "Amount").set_value_accesskit(55.0);
    window.run_steps(2);
    assert_eq!(state(&window).panels.rotate.dial, 55.0);
    // Digits choose classes here.
    free_the_keyboard(&mut window);
    let before = state(&window).panels.rotate.classes().to_vec();
    let other = (0..10).find(|class| !before.contains(class)).unwrap();
    let keys = [Key::Num0, Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7];
    window.key_press(keys[usize::from(other)]);
    window.run_steps(2);
    assert!(state(&window).panels.rotate.classes().contains(&other));
    assert_eq!(state(&window).shared.settings.tab, Tab::Rotate);
    window.get_by_label(&format!("Show class {other}")).click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.rotate.classes(), before);
}

#[test]
fn a_press_on_a_plot_sets_the_dial_and_a_dot_is_named_under_the_pointer() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    rotate(&mut window, RotateAction::Range(0.0, 110.0));
    rotate(&mut window, RotateAction::Steps(12));
    let view = course(&mut window);
    let area = window.get_by_label("Softmax output of every pass against the amount").rect();
    // With half a step of room at both ends, this is the middle of the fourth of twelve columns.
    let x = area.left() + area.width() * 3.5 / 12.0;
    window.hover_at(Pos2::new(x, area.center().y));
    window.run_steps(1);
    window.drag_at(Pos2::new(x, area.center().y));
    window.run_steps(1);
    window.drop_at(Pos2::new(x, area.center().y));
    window.run_steps(2);
    assert_eq!(state(&window).panels.rotate.dial, 30.0);
    // The dot of the first pass stands at the left of its column.
    let class = state(&window).panels.rotate.classes()[0];
    let value = view.steps[3].probabilities[0][usize::from(class)];
    let y = area.bottom() - (value + 0.03) / 1.06 * area.height();
    let left = area.left() + area.width() * (3.5 - 0.5 * 0.62) / 12.0;
    window.hover_at(Pos2::new(left, y));
    window.run_steps(8);
    window.get_by_label_contains("Pass 1 · class");
    window.get_by_label("at 30°");
}

#[test]
fn the_newest_question_wins_and_the_last_answer_stays_meanwhile() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    let before = course(&mut window);
    for passes in [31, 37, 43] {
        act(&mut window, Action::Run(RunAction::SetPasses(passes)));
        let shown = state(&window).panels.rotate.view.clone().unwrap();
        assert!(shown.is_complete(), "an answer to this course stays until the next is whole");
        let sampled = shown.key.sampled.passes;
        assert!([before.key.sampled.passes, 31, 37, 43].contains(&sampled), "{sampled}");
    }
    assert_eq!(course(&mut window).key.sampled.passes, 43);
    for index in [4, 5, 6] {
        rotate(&mut window, RotateAction::Open(Origin::Dataset(index)));
    }
    assert_eq!(course(&mut window).key.subject.origin, Origin::Dataset(6));
    for by in Distortion::ALL {
        rotate(&mut window, RotateAction::By(by));
        let view = course(&mut window);
        assert_eq!(view.key.course, Course::usual(by));
        let at = view.key.course.nearest(0.0);
        assert_eq!(view.steps[at].image, to_numbers(&synthetic::generate(IMAGES, 11).image(6)), "{by:?}");
    }
}

#[test]
fn the_papers_setting_is_one_click_away_and_says_what_differs_from_training() {
    let folder = folder();
    let mut window = ready(folder.path());
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Rotate)));
    course(&mut window);
    window.get_by_label("The paper's Figure 4").click();
    window.run_steps(2);
    let view = course(&mut window);
    assert_eq!(
        (view.key.course, view.key.network.dropout.placement()),
        (Course::paper(), Some(Placement::Last))
    );
    assert_eq!((view.key.sampled.passes, view.key.sampled.dropout), (100, 0.5));
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let Origin::Dataset(index) = view.key.subject.origin else { panic!("an image of the dataset") };
    let doubt = |index: usize| gallery.measures[index].predictive_entropy;
    assert_eq!(labels[index as usize], 1);
    assert!((0..IMAGES).filter(|i| labels[*i] == 1).all(|i| doubt(i) >= doubt(index as usize)));
    window.get_by_label(&format!("Image {index} · label 1"));
    window.get_by_label_contains("The network was trained with dropout before and after the hidden layer");
    window.get_by_label_contains("It prints no angles");
    window.get_by_label("Explore").click();
    window.run_steps(2);
    let view = course(&mut window);
    assert_eq!((view.key.network.dropout.placement(), view.key.sampled.passes), (Some(Placement::Dense), 20));
}

#[test]
fn the_strip_below_the_plots_is_whole_in_a_small_window() {
    let folder = folder();
    let mut window = crate::common::open(
        egui_kittest::Harness::builder().with_size([1000.0, 650.0]),
        folder.path(),
        Settings::default(),
    );
    settle(&mut window);
    for action in [RotateAction::Open(Origin::Dataset(3)), RotateAction::Paper] {
        rotate(&mut window, action);
        course(&mut window);
        let end = window.get_by_label_contains("% right · seed").rect().top();
        let cells: Vec<_> = window.get_all_by_label_contains("Step at ").map(|cell| cell.rect()).collect();
        assert!(!cells.is_empty());
        for cell in cells {
            assert!(cell.bottom() <= end && cell.height() > 60.0, "{cell} above {end}");
        }
        let plots: Vec<_> =
            ["Softmax input of every pass", "Softmax output of every pass", "Entropies against"]
                .map(|name| window.get_by_label_contains(name).rect().height())
                .to_vec();
        assert!(plots.iter().all(|height| *height > 40.0), "{plots:?}");
    }
}

#[test]
fn one_pass_and_no_dropout_are_said() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(3)));
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    course(&mut window);
    window.get_by_label_contains("One pass has no spread");
    act(&mut window, Action::Run(RunAction::SetPasses(10)));
    act(&mut window, Action::Run(RunAction::SetDropout(0.0)));
    course(&mut window);
    window.get_by_label_contains("Without dropout all passes are the same");
}

#[test]
fn a_drawing_is_turned_and_without_one_the_way_is_told() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Drawing));
    assert!(
        state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("draw a digit first"))
    );
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    act(&mut window, Action::Draw(DrawAction::Begin { at: [14.0, 5.0], erase: false }));
    act(&mut window, Action::Draw(DrawAction::Extend(vec![[14.5, 14.0], [14.0, 23.0]])));
    act(&mut window, Action::Draw(DrawAction::End));
    wait_until(&mut window, "the answer", |state| {
        state.shared.sights.drawn.is_some() && state.shared.jobs.is_empty()
    });
    rotate(&mut window, RotateAction::Open(Origin::Drawing));
    let view = course(&mut window);
    let seen = state(&window).shared.sights.drawn.clone().unwrap().seen.clone().unwrap();
    assert_eq!(view.steps[0].image, seen.image);
    assert_eq!(view.steps[0].measures, Measures { from_passes: None, ..seen.measures });
    window.get_by_label("Your drawing");
    // What a person said of it is no label of a dataset.
    act(&mut window, Action::Draw(DrawAction::SetLabel(Some(4))));
    rotate(&mut window, RotateAction::Open(Origin::Drawing));
    let view = course(&mut window);
    window.get_by_label("Your drawing · meant to be 4");
    assert_eq!(view.key.subject.title(), "Your drawing · meant to be 4");
    rotate(&mut window, RotateAction::Open(Origin::Dataset(5)));
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[5];
    assert_eq!(course(&mut window).key.subject.title(), format!("Image 5 · label {label}"));
}

#[test]
fn nothing_to_turn_and_no_one_in_the_dataset_are_said() {
    let empty = tempfile::tempdir().unwrap();
    let mut window = window(empty.path(), Settings { tab: Tab::Rotate, ..Settings::default() });
    wait_until(&mut window, "the failure", |state| state.shared.load_error.is_some());
    window.run_steps(2);
    window.get_by_label("No image to turn");
    window.get_by_label("The paper's Figure 4").click();
    window.run_steps(2);
    assert!(
        state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("wait for the images"))
    );
    let all = synthetic::generate(40, 3);
    let others: Vec<usize> = (0..all.len()).filter(|index| all.labels()[*index] != 1).collect();
    let pixels = others.iter().flat_map(|index| all.image(*index).to_vec()).collect();
    let digits = Digits::new(pixels, others.iter().map(|index| all.labels()[*index]).collect()).unwrap();
    let folder = folder_of(&digits);
    act(&mut window, Action::Run(RunAction::Dropped(vec![folder.path().to_path_buf()])));
    settle(&mut window);
    rotate(&mut window, RotateAction::Paper);
    assert!(
        state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("no image labelled 1"))
    );
    // The tab opened with the window turns the image that is looked at.
    let view = course(&mut window);
    assert_eq!(view.key.subject.origin, Origin::Dataset(state(&window).shared.selected.primary.unwrap()));
}

#[test]
fn the_window_and_the_command_line_write_the_same_bytes() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(5)));
    rotate(&mut window, RotateAction::Range(-30.0, 60.0));
    rotate(&mut window, RotateAction::Steps(7));
    course(&mut window);
    let file = |name: &str| folder.path().join(name);
    for (purpose, name) in
        [(FilePurpose::SaveRotation, "window.png"), (FilePurpose::SaveRotationTable, "window.csv")]
    {
        act(&mut window, Action::File(FileAction::Chosen(purpose, file(name))));
        wait_until(&mut window, "the file", |state| state.shared.jobs.is_empty());
    }
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_dubito"))
        .args(["rotate", "5", "--passes", "20", "--from", "-30", "--to", "60", "--steps", "7", "--data"])
        .arg(folder.path())
        .arg("--out")
        .arg(file("command.png"))
        .arg("--csv")
        .arg(file("command.csv"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
    let read = |name: &str| std::fs::read(file(name)).unwrap();
    assert!(read("window.csv") == read("command.csv"), "the same numbers");
    assert!(read("window.png") == read("command.png"), "the same picture");
}

/// Run alone, optimised, on real digits:
/// `MNIST_DIR=… cargo test --release --test window quick -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_course_is_quick_to_sample_and_to_draw() {
    let mut window = window(&crate::mnist::folder(), Settings::default());
    settle(&mut window);
    rotate(&mut window, RotateAction::Open(Origin::Dataset(2)));
    course(&mut window);
    for steps in [12, 73] {
        let (mut waits, mut arrivals) = (Vec::new(), Vec::new());
        rotate(&mut window, RotateAction::Steps(steps));
        course(&mut window);
        for index in 10..31 {
            let start = std::time::Instant::now();
            rotate(&mut window, RotateAction::Open(Origin::Dataset(index)));
            let mut frame = start;
            while state(&window).panels.rotate.is_stale() || state(&window).panels.rotate.view.is_none() {
                // The worker has the processor until it is done.
                std::thread::sleep(std::time::Duration::from_millis(1));
                frame = std::time::Instant::now();
                window.step();
            }
            waits.push(start.elapsed());
            arrivals.push(frame.elapsed());
            course(&mut window);
        }
        waits.sort();
        arrivals.sort();
        println!(
            "{steps} steps, T = 100: least {:?}, median {:?}, longest {:?}",
            waits[0], waits[10], waits[20]
        );
        println!("{steps} steps, their first frame: least {:?}, median {:?}", arrivals[0], arrivals[10]);
        let mut frames = Vec::new();
        for frame in 0..300_u16 {
            if frame % 2 == 0 {
                rotate(&mut window, RotateAction::Dial(f32::from(frame) + 0.5));
            }
            let start = std::time::Instant::now();
            window.step();
            let shapes = window.output().shapes.clone();
            let _ = window.ctx.tessellate(shapes, 1.0);
            frames.push(start.elapsed());
        }
        frames.sort();
        println!("{steps} steps, a frame: median {:?}, longest {:?}", frames[150], frames[299]);
    }
}

#[test]
fn what_was_chosen_comes_back_and_a_broken_choice_does_not() {
    let folder = folder();
    let mut window = ready(folder.path());
    rotate(&mut window, RotateAction::Open(Origin::Dataset(5)));
    rotate(&mut window, RotateAction::By(Distortion::Thickness));
    rotate(&mut window, RotateAction::Range(-1.0, 2.0));
    rotate(&mut window, RotateAction::Steps(7));
    let chosen = Course { by: Distortion::Thickness, from: -1.0, to: 2.0, steps: 7 };
    assert_eq!(course(&mut window).key.course, chosen);
    let mut settings = state(&window).shared.settings.clone();
    settings.rotate.courses[0] = Course { from: f32::NAN, steps: 9_999, ..chosen };
    settings.rotate.courses[1].steps = 0;
    drop(window);
    let mut window = crate::common::window(folder.path(), settings);
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Rotate)));
    assert_eq!(course(&mut window).key.course, chosen);
    rotate(&mut window, RotateAction::By(Distortion::Rotation));
    assert_eq!(course(&mut window).key.course, Course::usual(Distortion::Rotation));
    rotate(&mut window, RotateAction::By(Distortion::Noise));
    assert_eq!(course(&mut window).steps.len(), 2);
}
