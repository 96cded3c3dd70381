//! Images of other classes than ten digits: two, three with names, two hundred; in every tab, by name, without a panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::fs;
use std::path::Path;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::marks::Mark;
use dubito::data::{Class, Classes, Digits, PIXELS, synthetic};
use dubito::gui::action::{
    Action, DrawAction, FileAction, FilePurpose, GalleryAction, InspectorAction, MarksAction, Pick,
    RotateAction, WindowAction,
};
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::model::checkpoint::Checkpoint;
use dubito::model::{Architecture, Lenet, Placement};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use egui::Key;
use egui_kittest::kittest::Queryable as _;

/// Images of each dataset.
const IMAGES: usize = 60;

fn classes(count: usize) -> Classes {
    Classes::named((0..count).map(|class| format!("kind {class:03}"))).unwrap()
}

/// Images of `count` classes in a folder, with their names beside them, and a network that tells so many apart.
fn place(folder: &Path, count: usize) {
    let drawn = synthetic::generate(IMAGES, 4);
    let labels: Vec<Class> = (0..IMAGES).map(|index| (index * 7 % count) as Class).collect();
    assert_eq!(drawn.pixels().len(), IMAGES * PIXELS);
    let digits = Digits::of_classes(drawn.pixels().to_vec(), labels, classes(count)).unwrap();
    write_images(&folder.join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    fs::write(folder.join("classes.txt"), classes(count).names().join("\n")).unwrap();
    let architecture = Architecture { hidden: 12, placement: Placement::Last, classes: count };
    let lenet = Lenet::initialise(architecture, 0.4, 3).unwrap();
    let checkpoint = Checkpoint { classes: classes(count), ..Checkpoint::new(lenet) };
    checkpoint.save(&folder.join("network.safetensors")).unwrap();
}

/// A window that shows them through it.
fn opened(folder: &Path, count: usize) -> Window {
    place(folder, count);
    let sweep = SweepConfig { passes: 6, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, ..Settings::default() });
    settle(&mut window);
    let network = folder.join("network.safetensors");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, network)));
    wait_until(&mut window, "the network", |state| {
        state.shared.names().agree()
            && state.shared.run.gallery.as_ref().is_some_and(|view| view.names.agree())
    });
    settle(&mut window);
    window
}

fn said(window: &Window) -> String {
    let list = state(window).shared.notices.list();
    list.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_tab_shows_classes_by_name_however_many_there_are() {
    for count in [2, 3, 25, 200] {
        let folder = tempfile::tempdir().unwrap();
        let mut window = opened(folder.path(), count);
        act(&mut window, Action::Gallery(GalleryAction::Select(5, Pick::Only)));
        settle(&mut window);
        let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[5];
        let name = classes(count).name(label).to_owned();
        assert!(
            window.query_by_label(&format!("Label {name}")).is_some(),
            "{count}: {name} in the inspector"
        );
        for tab in Tab::ALL {
            act(&mut window, Action::Window(WindowAction::ShowTab(tab)));
            if tab == Tab::Draw {
                act(&mut window, Action::Draw(DrawAction::OpenImage(Origin::Dataset(5))));
            }
            if tab == Tab::Rotate {
                act(&mut window, Action::Rotate(RotateAction::Open(Origin::Dataset(5))));
            }
            settle(&mut window);
        }
        act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
        settle(&mut window);
        let view = state(&window).panels.quality.view.as_ref().unwrap();
        assert_eq!((view.confusion.counts.len(), view.digits.len()), (count, count));
        assert_eq!(view.digits.iter().map(|row| row.images).sum::<usize>(), IMAGES);
        act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
        act(&mut window, Action::Gallery(GalleryAction::SetArrangement(Arrangement::Halves)));
        act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(label))));
        settle(&mut window);
        let shown = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len();
        let of_class = (0..IMAGES).filter(|index| index * 7 % count == usize::from(label)).count();
        assert_eq!(shown, of_class, "{count}");
    }
}

#[test]
fn of_many_classes_one_is_found_by_typing_and_chosen_with_enter() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path(), 25);
    let find = |window: &mut Window, typed: &str, downs: usize| {
        window.get_by_label("Class shown").click();
        window.run_steps(3);
        window.get_by_label("Class shown: search").type_text(typed);
        window.run_steps(3);
        for _ in 0..downs {
            window.key_press(Key::ArrowDown);
            window.run_steps(2);
        }
        window.key_press(Key::Enter);
        window.run_steps(3);
        assert!(window.query_by_label("Class shown: search").is_none(), "the list is closed");
        state(window).shared.settings.digit
    };
    assert_eq!(find(&mut window, "kind 017", 0), Some(17));
    settle(&mut window);
    // Ten names begin so; the third of them.
    assert_eq!(find(&mut window, "kind 01", 2), Some(12));
    settle(&mut window);
    // Where nothing is called so, nothing is chosen.
    window.get_by_label("Class shown").click();
    window.run_steps(3);
    window.get_by_label("Class shown: search").type_text("no such kind");
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(state(&window).shared.settings.digit, Some(12));
}

#[test]
fn a_right_label_is_chosen_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path(), 3);
    act(&mut window, Action::Gallery(GalleryAction::Select(1, Pick::Only)));
    act(&mut window, Action::Marks(MarksAction::Set(Mark::WrongLabel { new_label: None })));
    settle(&mut window);
    window.get_by_label("Right label kind 000").click();
    settle(&mut window);
    let review = state(&window).shared.marks.as_ref().unwrap().review(1);
    assert_eq!(review.new_label(), Some(0));
}

#[test]
fn a_network_of_other_classes_is_told_apart_and_its_answers_keep_their_names() {
    let folder = tempfile::tempdir().unwrap();
    place(folder.path(), 3);
    let sweep = SweepConfig { passes: 4, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    let told = said(&window);
    assert!(told.contains("tells apart the digits 0 to 9") && told.contains("kind 000"), "{told}");
    act(&mut window, Action::Gallery(GalleryAction::Select(2, Pick::Only)));
    settle(&mut window);
    let view = state(&window).panels.inspector.view.as_ref().unwrap();
    let answer = view.names.answers.name(view.measures.prediction()).to_owned();
    assert!(answer.parse::<u8>().is_ok(), "{answer} is a digit");
    assert!(window.query_by_label(&format!("Predicted {answer}")).is_some(), "and neither right nor wrong");
    // A class chosen for one network need not be one of the next.
    act(&mut window, Action::Inspector(InspectorAction::SetClass(Some(9))));
    let network = folder.path().join("network.safetensors");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, network)));
    settle(&mut window);
    assert!(state(&window).shared.names().agree());
}
