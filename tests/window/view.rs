//! A view as a file: saved in one window, shown in another; and what becomes of one whose data or network is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::common::{Window, act, open, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::{Loaded, Places, Split};
use dubito::data::synthetic;
use dubito::gui::action::{
    Action, Brushing, DrawAction, FileAction, FilePurpose, GalleryAction, InspectorAction, Pick, PlaneAction,
    RunAction, SubnetworkAction, WindowAction,
};
use dubito::gui::effect::Effect;
use dubito::gui::saved::saved;
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::gui::shared::Gravity;
use dubito::gui::state::State;
use dubito::model::checkpoint::Checkpoint;
use dubito::model::{Architecture, Lenet, Placement};
use dubito::sampling::SweepConfig;
use dubito::shown::saved_view::{NetworkPlace, SavedView};
use dubito::shown::{Dataset, Only, OpenedModel};
use dubito::uncertainty::doubt_plane::{Bounds, Shape};
use dubito::uncertainty::{Grouping, Measure};
use dubito::worker::{Event, Job, Report};
use egui_kittest::Harness;

/// Images of the first dataset; the second has as many, and others.
const IMAGES: usize = 20;

fn quick() -> Settings {
    let sweep = SweepConfig { passes: 4, ..SweepConfig::default() };
    Settings { sweep, inspector_open: false, ..Settings::default() }
}

fn digits(folder: &Path, seed: u64) {
    std::fs::create_dir_all(folder).unwrap();
    let digits = synthetic::generate(IMAGES, seed);
    write_images(&folder.join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
}

fn network(path: &Path, seed: u64) {
    let architecture = Architecture { hidden: 8, placement: Placement::Last, classes: 10 };
    Checkpoint::new(Lenet::initialise(architecture, 0.3, seed).unwrap()).save(path).unwrap();
}

/// Two datasets, a network and a view of the first by it.
struct Place {
    folder: tempfile::TempDir,
    view: SavedView,
}

impl Place {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A window that shows the second dataset, as settings say.
    fn elsewhere(&self) -> Window {
        let mut window = window(&self.path("second"), quick());
        settle(&mut window);
        window
    }

    fn file(&self) -> PathBuf {
        self.path("all.dubito-view")
    }
}

fn chosen(purpose: FilePurpose, path: PathBuf) -> Action {
    Action::File(FileAction::Chosen(purpose, path))
}

/// Opens a view, and waits until that has come to its end.
fn open_view(window: &mut Window, path: PathBuf) {
    act(window, chosen(FilePurpose::OpenView, path));
    wait_until(window, "the view", |state| {
        state.shared.notices.list().iter().any(|notice| notice.text.contains("view"))
    });
    settle(window);
}

fn now(window: &Window) -> SavedView {
    let state = state(window);
    saved(&state.shared, &state.panels).unwrap()
}

fn said(window: &Window) -> String {
    let list = state(window).shared.notices.list();
    list.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The same for every test, each in a folder of its own.
fn place() -> Place {
    static FIRST: LazyLock<Place> = LazyLock::new(first_place);
    let folder = tempfile::tempdir().unwrap();
    digits(&folder.path().join("first"), 11);
    digits(&folder.path().join("second"), 12);
    network(&folder.path().join("one.safetensors"), 5);
    let file = folder.path().join("all.dubito-view");
    let text = std::fs::read_to_string(FIRST.file()).unwrap();
    let [from, to] = [FIRST.folder.path(), folder.path()].map(|path| path.to_str().unwrap());
    std::fs::write(&file, text.replace(from, to)).unwrap();
    let view = SavedView::open(&file).unwrap();
    Place { folder, view }
}

/// A window in which everything that a view holds is set, saved to a file.
fn first_place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    digits(&path("first"), 11);
    digits(&path("second"), 12);
    network(&path("one.safetensors"), 5);
    let mut window = window(&path("first"), quick());
    settle(&mut window);
    act(&mut window, chosen(FilePurpose::OpenModel, path("one.safetensors")));
    wait_until(&mut window, "the network", |state| state.shared.model.name == "one.safetensors");
    settle(&mut window);
    for action in [
        Action::Run(RunAction::SetPasses(7)),
        Action::Run(RunAction::SetDropout(0.4)),
        Action::Run(RunAction::SetSeed(99)),
        Action::Gallery(GalleryAction::SetGrouping(Grouping::Prediction)),
        Action::Gallery(GalleryAction::SetMeasure(Measure::MutualInformation)),
        Action::Gallery(GalleryAction::SetArrangement(Arrangement::Ranking)),
        Action::Gallery(GalleryAction::SetTop(12)),
    ] {
        act(&mut window, action);
    }
    settle(&mut window);
    let only = Only { name: "even ones".to_owned(), indices: (0..IMAGES as u32).step_by(2).collect() };
    act(&mut window, Action::Gallery(GalleryAction::ShowOnly(Some(only.into()))));
    // Where something is.
    let all = Shape::Box(Bounds { min: [-1.0, -1.0], max: [3.0, 3.0] });
    act(&mut window, Action::Plane(PlaneAction::Brush(all, Brushing::Replace)));
    settle(&mut window);
    let lasso = Shape::Lasso([[-1.0, -1.0], [0.0, -1.0], [-0.5, -0.3]].as_slice().into());
    act(&mut window, Action::Plane(PlaneAction::Brush(lasso, Brushing::TakeOut)));
    settle(&mut window);
    act(&mut window, Action::Subnetwork(SubnetworkAction::Show(Some(3))));
    act(&mut window, Action::Gallery(GalleryAction::Select(4, Pick::Only)));
    act(&mut window, Action::Gallery(GalleryAction::Select(10, Pick::Toggle)));
    act(&mut window, Action::Inspector(InspectorAction::SetClass(Some(6))));
    for action in [
        DrawAction::Begin { at: [6.0, 5.5], erase: false },
        DrawAction::Extend(vec![[12.25, 6.1], [20.3, 21.7]]),
        DrawAction::End,
        DrawAction::Begin { at: [12.0, 12.0], erase: true },
        DrawAction::End,
        DrawAction::SetLabel(Some(7)),
    ] {
        act(&mut window, Action::Draw(action));
    }
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    settle(&mut window);
    let view = now(&window);
    let file = path("all.dubito-view");
    act(&mut window, chosen(FilePurpose::SaveView, file.clone()));
    wait_until(&mut window, "the file", |state| {
        state.shared.notices.list().iter().any(|notice| notice.text.contains("Wrote"))
    });
    assert_eq!(SavedView::open(&file).unwrap(), view);
    Place { folder, view }
}

#[test]
fn another_window_shows_all_that_was_saved_and_undo_leads_back_on_the_paper() {
    let place = place();
    let view = &place.view;
    // Nothing of it is as it is at the start.
    assert!(view.limits.only.is_some() && view.limits.region.as_ref().unwrap().len() == 2);
    assert_eq!((view.selection.set.len(), view.selection.class, view.subnetwork), (2, Some(6), Some(3)));
    assert_eq!(view.drawing.as_ref().unwrap().strokes.len(), 2);
    assert_eq!(view.network.place, NetworkPlace::File(place.path("one.safetensors")));
    let mut window = place.elsewhere();
    act(&mut window, Action::Draw(DrawAction::Begin { at: [3.0, 3.0], erase: false }));
    act(&mut window, Action::Draw(DrawAction::End));
    let drawn = state(&window).panels.draw.now();
    assert_ne!(now(&window), *view);
    // Dropped on the window.
    act(&mut window, Action::Run(RunAction::Dropped(vec![place.file()])));
    wait_until(&mut window, "the view", |state| state.shared.settings.sweep.seed == 99);
    settle(&mut window);
    assert_eq!(now(&window), *view);
    assert!(said(&window).contains("Opened the view all.dubito-view."), "{}", said(&window));
    wait_until(&mut window, "the sub-network", |state| {
        state.panels.subnetwork.view.as_ref().is_some_and(|view| view.pass == 3 && view.sampled.seed == 99)
    });
    let shared = &state(&window).shared;
    let gallery = shared.run.gallery.as_ref().unwrap();
    assert_eq!(Some(gallery.key), shared.run_key(), "measured by its network, of its images");
    assert_eq!(gallery.only.as_ref().unwrap().indices.len(), IMAGES / 2);
    // Opened again: the same, without reading anything anew.
    let generation = shared.generation;
    open_view(&mut window, place.file());
    assert_eq!((now(&window), state(&window).shared.generation), (view.clone(), generation));
    // The drawing of before is not lost.
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    act(&mut window, Action::Undo);
    assert_eq!(state(&window).panels.draw.now(), drawn);
}

#[test]
fn a_view_is_opened_as_the_first_thing_a_window_does() {
    let place = place();
    let mut window = open(Harness::builder().with_size([1280.0, 800.0]), &place.path("second"), quick());
    window.step();
    act(&mut window, chosen(FilePurpose::OpenView, place.file()));
    wait_until(&mut window, "the view", |state| state.shared.settings.sweep.seed == 99);
    settle(&mut window);
    assert_eq!(now(&window), place.view);
    assert_eq!(state(&window).shared.load_error, None);
}

#[test]
fn without_its_images_the_view_says_which_and_those_shown_stay() {
    let place = place();
    std::fs::remove_dir_all(place.path("first")).unwrap();
    let mut window = place.elsewhere();
    act(&mut window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(&mut window);
    let before = now(&window);
    open_view(&mut window, place.file());
    let after = now(&window);
    assert_eq!((&after.data, &after.selection.primary), (&before.data, &Some(3)));
    assert_eq!(
        (&after.limits, after.subnetwork),
        (&before.limits, None),
        "no name of images that are not there"
    );
    let view = &place.view;
    assert_eq!((after.sweep, after.tab, after.gallery), (view.sweep, view.tab, view.gallery));
    assert_eq!((&after.network, &after.drawing), (&view.network, &view.drawing));
    let said = said(&window);
    for part in ["shown in part", "folder first · test", "no such file or folder", "images of before stay"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // At the start, when nothing is shown yet, those asked for are.
    let mut window = open(Harness::builder().with_size([1280.0, 800.0]), &place.path("second"), quick());
    window.step();
    act(&mut window, chosen(FilePurpose::OpenView, place.file()));
    wait_until(&mut window, "the view", |state| state.shared.settings.sweep.seed == 99);
    settle(&mut window);
    assert_eq!(now(&window).data, before.data);
    // And where the images have only moved there, nothing is missing.
    std::fs::remove_dir_all(place.path("second")).unwrap();
    digits(&place.path("second"), 11);
    let mut window = open(Harness::builder().with_size([1280.0, 800.0]), &place.path("second"), quick());
    window.step();
    act(&mut window, chosen(FilePurpose::OpenView, place.file()));
    wait_until(&mut window, "the view", |state| state.shared.settings.sweep.seed == 99);
    settle(&mut window);
    assert_eq!((now(&window).selection, now(&window).limits), (view.selection.clone(), view.limits.clone()));
}

#[test]
fn other_images_or_another_network_in_their_place_are_not_shown_under_their_names() {
    let place = place();
    digits(&place.path("first"), 13);
    network(&place.path("one.safetensors"), 6);
    let mut window = place.elsewhere();
    act(&mut window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(&mut window);
    let before = now(&window);
    open_view(&mut window, place.file());
    let after = now(&window);
    assert_eq!((&after.data, &after.network), (&before.data, &before.network));
    assert_eq!((&after.limits, &after.selection), (&before.limits, &before.selection));
    assert_eq!(after.sweep, place.view.sweep);
    let said = said(&window);
    for part in ["holds others now", "holds another now", "stays “bundled LeNet”", "one.safetensors"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let errors =
        state(&window).shared.notices.list().iter().filter(|notice| notice.gravity == Gravity::Error);
    assert_eq!(errors.count(), 1, "it stays until it is read");
}

#[test]
fn without_its_network_the_images_and_the_selection_come_back_and_no_list_that_it_made() {
    let place = place();
    std::fs::remove_file(place.path("one.safetensors")).unwrap();
    let mut window = place.elsewhere();
    open_view(&mut window, place.file());
    let (after, view) = (now(&window), &place.view);
    assert_eq!((&after.data, &after.selection), (&view.data, &view.selection));
    assert_eq!((&after.limits.region, &after.limits.only), (&view.limits.region, &None));
    assert_eq!((after.network.place.clone(), after.subnetwork), (NetworkPlace::Bundled, None));
    assert!(said(&window).contains("Its network, “one.safetensors”, is missing"), "{}", said(&window));
}

#[test]
fn a_file_that_is_no_sound_view_changes_nothing_and_says_why() {
    let place = place();
    let text = std::fs::read_to_string(place.file()).unwrap();
    let mut window = place.elsewhere();
    let before = now(&window);
    for (bytes, expected) in [
        (text[..text.len() / 2].to_owned(), "damaged or incomplete"),
        (text.replace("\"version\":1", "\"version\":2"), "newer Dubito"),
        (text.replace("\"passes\":7", "\"passes\":70000"), "T is 70000"),
        (text.replace("\"primary\":10", "\"primary\":20"), "names image 20"),
        ("{}".to_owned(), "no view of Dubito's"),
    ] {
        assert_ne!(bytes, text);
        std::fs::write(place.file(), bytes).unwrap();
        act(&mut window, chosen(FilePurpose::OpenView, place.file()));
        wait_until(&mut window, expected, |state| {
            state.shared.notices.list().iter().any(|notice| notice.text.contains(expected))
        });
        settle(&mut window);
        assert_eq!(now(&window), before);
    }
}

/// Hands jobs to nobody: what comes of them is up to the test.
fn submit(state: &mut State, effects: Vec<Effect>, last: &mut u64) -> Vec<(u64, Job)> {
    let mut jobs = Vec::new();
    for effect in effects {
        if let Effect::Submit(job) = effect {
            *last += 1;
            state.submitted(*last, job.slot(), job.title(), job.unit());
            jobs.push((*last, *job));
        }
    }
    jobs
}

fn load_of(jobs: Vec<(u64, Job)>) -> (u64, Places, Split) {
    let mut loads = jobs.into_iter().filter_map(|(id, job)| match job {
        Job::Load { places, split } => Some((id, places, split)),
        _ => None,
    });
    let load = loads.next().unwrap();
    assert!(loads.next().is_none());
    load
}

#[test]
fn whoever_asks_for_something_else_meanwhile_gets_that() {
    let place = place();
    let bundled = OpenedModel::bundled().unwrap();
    for (action, cancels) in [
        (chosen(FilePurpose::OpenData, place.path("second")), true),
        (Action::Run(RunAction::SetSeed(3)), true),
        (Action::Undo, true),
        (Action::Window(WindowAction::ShowTab(Tab::Quality)), false),
    ] {
        let start = Places::new(Some(place.path("second")));
        let (mut state, effects) = State::new(quick(), start, bundled.clone(), bundled.clone());
        let mut last = 0;
        let (id, places, split) = load_of(submit(&mut state, effects, &mut last));
        let loaded = |places: &Places, split| {
            let ControlFlow::Continue(Loaded { digits, source, about }) =
                places.load(split, &mut |_| ControlFlow::Continue(())).unwrap()
            else {
                panic!("it was stopped")
            };
            Event::Loaded {
                dataset: Dataset { digits: digits.into(), source, split, about },
                places: places.clone().into(),
            }
        };
        state.receive(Report { job: id, event: loaded(&places, split) });
        let second = state.shared.dataset.as_ref().unwrap().digits.hash();
        let effects = state.apply(chosen(FilePurpose::OpenView, place.file()));
        let (reading, _) = submit(&mut state, effects, &mut last).pop().unwrap();
        let read = Event::ViewRead(Box::new(place.view.clone()), place.file());
        let effects = state.receive(Report { job: reading, event: read });
        let (id, places, split) = load_of(submit(&mut state, effects, &mut last));
        assert_eq!(places.asked, Some(place.path("first")));

        let effects = state.apply(action);
        let told = effects.iter().any(|effect| matches!(effect, Effect::Cancel(job) if *job == id));
        assert_eq!(told, cancels);
        submit(&mut state, effects, &mut last);
        let effects = state.receive(Report { job: id, event: loaded(&places, split) });
        // What comes all the same is not let in; otherwise its network is asked for.
        assert_eq!(state.shared.dataset.as_ref().unwrap().digits.hash(), second);
        let jobs = submit(&mut state, effects, &mut last);
        assert_eq!(jobs.iter().any(|(_, job)| matches!(job, Job::OpenModel(..))), !cancels);
        let said = state.shared.notices.list().iter().any(|notice| notice.text.contains("was not opened"));
        assert_eq!(said, cancels);
    }
}
