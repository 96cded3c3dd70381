//! Images that a LeNet sees otherwise, in the window: in colour, of several splits, without labels, under names of one's
//! own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::fs;
use std::path::Path;

use crate::common::{Window, act, open_keeping, settle, state, wait_until, window};
use dubito::data::Classes;
use dubito::gui::action::{
    Action, DrawAction, ExplainAction, FileAction, FilePurpose, GalleryAction, InspectorAction, MarksAction,
    Pick, RunAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::model::checkpoint::Checkpoint;
use dubito::model::{Architecture, Lenet, Placement};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use dubito::uncertainty::Filter;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use image::{GrayImage, Luma, Rgb, RgbImage};

const COLOURS: [(&str, [u8; 3]); 3] =
    [("blue", [10, 20, 200]), ("green", [10, 200, 20]), ("red", [200, 20, 10])];

/// Pictures of 40×20 pixels in colour, in folders of three splits: 9 to learn from, 6 to validate with, 12 to test.
fn pictures(folder: &Path) {
    for (split, each) in [("train", 3), ("val", 2), ("test", 4)] {
        for (class, colour) in COLOURS {
            let place = folder.join(split).join(class);
            fs::create_dir_all(&place).unwrap();
            for number in 0..each {
                let mut picture = RgbImage::from_pixel(40, 20, Rgb(colour));
                picture.put_pixel(number * 7, 5, Rgb([255; 3]));
                picture.save(place.join(format!("{split} {number}.png"))).unwrap();
            }
        }
    }
}

/// A network of these classes that has learnt nothing.
fn network(file: &Path, classes: &[&str]) {
    let architecture = Architecture { hidden: 12, placement: Placement::Last, classes: classes.len() };
    let lenet = Lenet::initialise(architecture, 0.4, 3).unwrap();
    let checkpoint = Checkpoint { classes: Classes::named(classes).unwrap(), ..Checkpoint::new(lenet) };
    checkpoint.save(file).unwrap();
}

fn quick() -> Settings {
    let sweep = SweepConfig { passes: 6, ..SweepConfig::default() };
    Settings { sweep, seen_start: true, ..Settings::default() }
}

fn said(window: &Window) -> String {
    let list = state(window).shared.notices.list();
    list.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn show(window: &mut Window, tab: Tab) {
    act(window, Action::Window(WindowAction::ShowTab(tab)));
    settle(window);
}

#[test]
fn pictures_in_colour_are_gone_through_in_every_tab_by_name_and_file() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path());
    let mut window = window(folder.path(), quick());
    settle(&mut window);
    let about = &state(&window).shared.dataset.as_ref().unwrap().about;
    assert!(about.originals.as_ref().unwrap().differ() && !about.is_drawable());
    act(&mut window, Action::Gallery(GalleryAction::Select(5, Pick::Only)));
    settle(&mut window);
    assert!(window.query_by_label("Image 5, as the network sees it").is_some());
    assert!(window.query_by_label("green/test 1.png").is_some(), "the file that it is");
    // A network of digits: none of its answers is right, and none is wrong.
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    assert_eq!((gallery.accuracy, gallery.plane.wrong.len()), (None, 0));
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    settle(&mut window);
    assert!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.is_empty());
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::All)));
    show(&mut window, Tab::Quality);
    wait_until(&mut window, "the quality", |state| state.panels.quality.view.is_some());
    settle(&mut window);
    assert!(window.query_by_label("There is no right and wrong here").is_some());
    show(&mut window, Tab::Draw);
    assert!(window.query_by_label("A picture in place of a drawing").is_some());
    act(&mut window, Action::Draw(DrawAction::OpenImage(Origin::Dataset(5))));
    assert!(said(&window).contains("nothing that a pen draws"), "{}", said(&window));
    // A picture is taken whole: its grey is that of the set's images of its class.
    let picture = folder.path().join("test/red/test 2.png");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenPicture, picture)));
    wait_until(&mut window, "the picture", |state| !state.panels.draw.is_blank());
    settle(&mut window);
    let read = state(&window).panels.draw.shown_picture().unwrap().clone();
    assert!(read.options.whole);
    let own = &state(&window).shared.dataset.as_ref().unwrap().digits;
    let image: Vec<u8> =
        read.steps.found[0].image.iter().map(|value| (value * 255.0).round() as u8).collect();
    let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 1;
    assert!(image.iter().zip(&*own.image(10)).all(near), "image 10 is test/red/test 2.png");
    // With a network of its classes all of it is there.
    let file = folder.path().join("colours.safetensors");
    network(&file, &["blue", "green", "red"]);
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file)));
    settle(&mut window);
    for tab in [Tab::Quality, Tab::Plane, Tab::Rotate, Tab::Train, Tab::Gallery] {
        show(&mut window, tab);
    }
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    assert!(gallery.names.agree() && gallery.accuracy.is_some());
    assert_eq!(gallery.plane.wrong.len() + gallery.plane.right.len(), 12);
}

/// Pixels of a picture that are of a colour.
fn count(picture: &Path, colour: [u8; 3]) -> usize {
    image::open(picture).unwrap().to_rgb8().pixels().filter(|pixel| pixel.0 == colour).count()
}

#[test]
fn what_is_exported_of_pictures_in_colour_shows_them_as_they_are_while_they_can_be_read() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pictures(folder.path());
    let mut window = window(folder.path(), quick());
    settle(&mut window);
    act(&mut window, Action::Gallery(GalleryAction::Select(5, Pick::Only)));
    settle(&mut window);
    let write = |window: &mut Window, purpose: FilePurpose, name: &str| {
        let path = out.path().join(name);
        act(window, Action::File(FileAction::Chosen(purpose, path.clone())));
        wait_until(window, name, |_| path.exists());
        settle(window);
        path
    };
    let [blue, green, red] = COLOURS.map(|(_, colour)| colour);
    let card = write(&mut window, FilePurpose::ExportCard, "card.png");
    assert!(count(&card, green) > 168 * 84, "its neighbours too");
    let image = write(&mut window, FilePurpose::SaveImage(Origin::Dataset(5)), "image.png");
    assert_eq!(count(&image, green), 280 * 140 - 7 * 7);
    // One image is exported, and green: 168 pixels wide, less the white one of it.
    act(&mut window, Action::Gallery(GalleryAction::SelectAll { indices: vec![5], add: false }));
    let sheet = write(&mut window, FilePurpose::ExportPicture, "selected.png");
    assert_eq!((count(&sheet, green) > 160 * 80, count(&sheet, red)), (true, 0));
    act(&mut window, Action::Inspector(InspectorAction::CopyImage(Origin::Dataset(5))));
    settle(&mut window);
    assert!(said(&window).contains("Copied the picture, 280 × 140 pixels."), "{}", said(&window));
    act(&mut window, Action::Explain(ExplainAction::FindNeighbours));
    wait_until(&mut window, "the training images", |state| state.panels.explain.training.is_some());
    settle(&mut window);
    let training = state(&window).panels.explain.training.clone().unwrap();
    assert!(training.originals.as_ref().unwrap().differ(), "they are shown as they are");
    assert!(!said(&window).contains("as the network sees"), "{}", said(&window));
    // One is gone: the others stay what they are.
    fs::remove_file(folder.path().join("test/green/test 1.png")).unwrap();
    act(&mut window, Action::Gallery(GalleryAction::SelectAll { indices: (0..12).collect(), add: false }));
    let sheet = write(&mut window, FilePurpose::ExportPicture, "all.png");
    assert!(count(&sheet, green) > 3 * 160 * 80 && count(&sheet, green) < 4 * 160 * 80);
    assert!(count(&sheet, blue) > 4 * 160 * 80 && count(&sheet, red) > 4 * 160 * 80);
    let told = "1 of 12 images is drawn as the network sees it";
    assert!(said(&window).contains(told), "{}", said(&window));
}

#[test]
fn foreign_images_in_colour_are_resized_as_the_dataset_is_and_shown_as_they_are() {
    const YELLOW: [u8; 3] = [220, 210, 10];
    let [folder, foreign, out] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    pictures(folder.path());
    for name in ["a.png", "b.png", "c.png"] {
        RgbImage::from_pixel(60, 90, Rgb(YELLOW)).save(foreign.path().join(name)).unwrap();
    }
    let mut window = window(folder.path(), quick());
    settle(&mut window);
    let file = out.path().join("colours.safetensors");
    network(&file, &["blue", "green", "red"]);
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file)));
    settle(&mut window);
    show(&mut window, Tab::Quality);
    let path = foreign.path().to_path_buf();
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenForeign, path)));
    wait_until(&mut window, "the foreign images", |state| {
        state.shared.sights.foreign.as_ref().is_some_and(|view| view.complete)
    });
    let set = state(&window).shared.sights.foreign.as_ref().unwrap().set.clone();
    assert_eq!((set.digits.len(), set.originals.as_ref().unwrap().file(1)), (3, Some("b.png".to_owned())));
    assert!(set.notes[0].contains("90×60 colour, made grey and resized to 28×28"), "{:?}", set.notes);
    let origin = Origin::Foreign(1);
    // The inspector is not about an image of the gallery.
    let idle = |window: &mut Window| {
        wait_until(window, "all to be done", |state| {
            let view = state.panels.inspector.view.as_ref();
            state.shared.jobs.is_empty() && view.is_some_and(|view| view.origin == origin)
        });
        window.run_steps(3);
    };
    act(&mut window, Action::Inspector(InspectorAction::LookAt(origin)));
    idle(&mut window);
    for name in ["Foreign image 1, as the network sees it", "b.png"] {
        assert!(window.query_by_label(name).is_some(), "{name}");
    }
    let image = out.path().join("image.png");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::SaveImage(origin), image.clone())));
    wait_until(&mut window, "the picture", |_| image.exists());
    idle(&mut window);
    let saved = image::open(&image).unwrap().to_rgb8();
    assert_eq!(saved.width() * 3, saved.height() * 2, "in its proportions");
    assert_eq!(count(&image, YELLOW), (saved.width() * saved.height()) as usize);
    let card = out.path().join("card.png");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportCard, card.clone())));
    wait_until(&mut window, "the card", |_| card.exists());
    idle(&mut window);
    assert!(count(&card, YELLOW) > 100 * 150, "{}", count(&card, YELLOW));
}

#[test]
fn every_split_of_a_source_is_chosen_in_the_dataset_chip() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path());
    let mut window = window(folder.path(), quick());
    settle(&mut window);
    assert_eq!(state(&window).shared.dataset.as_ref().unwrap().digits.len(), 12);
    window.get_by_label_contains("· test").click();
    window.run_steps(3);
    {
        let is_val = |name: &str| name.starts_with("val");
        let choices = window.get_all_by_role(egui::accesskit::Role::RadioButton);
        let mut named =
            choices.filter(|choice| choice.accesskit_node().label().as_deref().is_some_and(is_val));
        named.next_back().unwrap().click();
    }
    wait_until(&mut window, "the other split", |state| {
        state.shared.dataset.as_ref().is_some_and(|dataset| dataset.digits.len() == 6)
    });
    settle(&mut window);
    let dataset = state(&window).shared.dataset.as_ref().unwrap();
    assert!(dataset.name().ends_with("· validation"), "{}", dataset.name());
    assert!(window.query_by_label_contains("· validation").is_some());
    act(&mut window, Action::Run(RunAction::SetPart("no such".to_owned())));
    settle(&mut window);
    assert!(said(&window).contains("has no no such split; it has"), "{}", said(&window));
    assert_eq!(state(&window).shared.dataset.as_ref().unwrap().digits.len(), 6, "what was shown stays");
}

#[test]
fn images_without_a_label_are_shown_and_can_be_given_one() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..5_u8 {
        let picture = GrayImage::from_fn(28, 28, |x, y| Luma([(x as u8 * number).wrapping_add(y as u8)]));
        picture.save(folder.path().join(format!("{number}.png"))).unwrap();
    }
    let mut window = window(folder.path(), quick());
    settle(&mut window);
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    assert_eq!((gallery.ranked.order.len(), gallery.accuracy), (5, None));
    assert!(gallery.names.agree(), "what has no label is of the network's classes");
    act(&mut window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(&mut window);
    assert!(window.query_by_label("No label").is_some());
    for tab in Tab::ALL {
        show(&mut window, tab);
    }
    show(&mut window, Tab::Gallery);
    act(&mut window, Action::Window(WindowAction::NameClasses));
    assert!(said(&window).contains("no classes to name"), "{}", said(&window));
    // Two get a label from a table; the others come behind them.
    fs::write(folder.path().join("labels.csv"), "file,label\n1.png,one\n4.png,four\n").unwrap();
    let path = folder.path().to_path_buf();
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenData, path)));
    wait_until(&mut window, "the labels", |state| {
        state.shared.dataset.as_ref().is_some_and(|dataset| dataset.digits.labelled().len() == 2)
    });
    settle(&mut window);
    let file = folder.path().join("two.safetensors");
    network(&file, &["four", "one"]);
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file)));
    settle(&mut window);
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    assert_eq!(gallery.ranked.order.len(), 5);
    let wrong = (2.0 * (1.0 - gallery.accuracy.unwrap())).round() as usize;
    assert_eq!(gallery.plane.wrong.len(), wrong, "of the two that have a label");
    show(&mut window, Tab::Quality);
    wait_until(&mut window, "the quality", |state| {
        state.panels.quality.view.as_ref().is_some_and(|view| view.complete && view.judged)
    });
    let view = state(&window).panels.quality.view.clone().unwrap();
    let counted: u32 = view.confusion.counts.iter().flatten().map(|count| *count as u32).sum();
    assert_eq!(counted, 2, "only what has a label counts");
    show(&mut window, Tab::Gallery);
    act(&mut window, Action::Gallery(GalleryAction::Select(4, Pick::Only)));
    let wrong = dubito::data::marks::Mark::WrongLabel { new_label: None };
    act(&mut window, Action::Marks(MarksAction::Set(wrong)));
    act(&mut window, Action::Marks(MarksAction::NewLabel(1)));
    settle(&mut window);
    assert_eq!(state(&window).shared.marks.as_ref().unwrap().review(4).new_label(), Some(1));
}

#[test]
fn names_given_in_the_window_are_the_networks_too_and_come_back_with_the_images() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pictures(folder.path());
    let file = folder.path().join("colours.safetensors");
    network(&file, &["blue", "green", "red"]);
    let start = || {
        let builder = Harness::builder().with_size([1280.0, 800.0]);
        open_keeping(builder, folder.path(), quick(), None, Some(kept.path().to_path_buf()))
    };
    let mut window = start();
    settle(&mut window);
    let open = |window: &mut Window| {
        act(window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file.clone())));
        settle(window);
    };
    open(&mut window);
    act(&mut window, Action::Run(RunAction::SetDropout(0.3)));
    act(&mut window, Action::Window(WindowAction::NameClasses));
    settle(&mut window);
    let field = window.get_by_label("Name of class 1");
    field.focus();
    field.type_text(" of leaves");
    settle(&mut window);
    window.get_by_label("Keep").click();
    settle(&mut window);
    let names = |window: &Window| state(window).shared.names();
    assert_eq!(names(&window).labels.name(1), "green of leaves");
    assert!(names(&window).agree(), "a network of these classes answers in the same names");
    let dropout = state(&window).shared.settings.sweep.dropout;
    assert!((dropout - 0.3).abs() < 1e-6, "a name changes no number: {dropout}");
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    assert!(gallery.names.agree() && gallery.names.answers.name(1) == "green of leaves");
    // Two of one name are refused where they are typed.
    act(&mut window, Action::Window(WindowAction::NameClasses));
    settle(&mut window);
    window.get_by_label("Name of class 0").focus();
    window.run_steps(2);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.run_steps(2);
    window.get_by_label("Name of class 0").type_text("red");
    settle(&mut window);
    window.get_by_label("Keep").click();
    settle(&mut window);
    assert!(window.query_by_label_contains("give each a name of its own").is_some());
    window.get_by_label("Cancel").click();
    settle(&mut window);
    drop(window);
    // Another start, and a network opened after the images.
    let mut window = start();
    settle(&mut window);
    assert_eq!(names(&window).labels.name(1), "green of leaves");
    open(&mut window);
    assert!(names(&window).agree());
    act(&mut window, Action::Window(WindowAction::NameClasses));
    settle(&mut window);
    window.get_by_label("As they came").click();
    window.run_steps(2);
    window.get_by_label("Keep").click();
    settle(&mut window);
    assert!(names(&window).agree() && names(&window).labels.name(1) == "green");
    assert_eq!(fs::read_dir(kept.path().join("class-names")).unwrap().count(), 0);
}
