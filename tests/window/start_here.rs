//! A newcomer's way in: *Start here* with its six steps, the glossary behind the window's words, and About.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::path::Path;

use crate::common::{Window, act, open, settle, state, wait_until, window, write_digits};
use dubito::data::foreign::Foreign;
use dubito::gui::action::{
    Action, GalleryAction, GuideAction, GuideStep, MarksAction, Pick, RunAction, Section, WindowAction,
};
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::gui::shared::Overlay;
use dubito::help::{Term, Topic};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use dubito::uncertainty::{Filter, Measure};
use egui::accesskit::Role;
use egui::{Key, Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const IMAGES: usize = 200;

fn quick(settings: &Settings) -> Settings {
    Settings { sweep: SweepConfig { passes: 20, ..SweepConfig::default() }, top: 20, ..settings.clone() }
}

/// A first start with a few synthetic digits.
fn first(folder: &Path) -> Window {
    write_digits(folder, IMAGES);
    let mut window = window(folder, quick(&Settings::first_start()));
    settle(&mut window);
    window
}

fn click(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(3);
}

/// Carries a step out by the label of its button.
fn step(window: &mut Window, number: usize) {
    let label = GuideStep::ALL[number - 1].label();
    click(window, &format!("Step {number}: {label}"));
}

/// What the strip says.
fn says(window: &Window, text: &str) {
    assert!(window.query_all_by_label_contains(text).next().is_some(), "the strip says {text:?}");
}

/// What `Esc` does.
fn escape(window: &mut Window) {
    window.key_press(Key::Escape);
    window.run_steps(3);
}

#[test]
fn the_six_steps_are_carried_out_by_their_labels_and_each_shows_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = first(folder.path());
    says(&window, "Six steps through Dubito");
    // The fours, and how sure the network is of each.
    let doubts = |window: &Window| {
        let shared = &state(window).shared;
        let view = shared.run.gallery.clone().unwrap();
        let labels = shared.dataset.as_ref().unwrap().digits.labels().to_vec();
        let fours = (0_u32..).zip(&labels).filter(|(_, label)| **label == 4);
        let doubt = |index: u32| view.measures[index as usize].predictive_entropy;
        fours.map(|(index, _)| (index, doubt(index))).collect::<Vec<_>>()
    };
    let selected = |window: &Window| {
        let shared = &state(window).shared;
        let index = shared.selected.primary.unwrap();
        let all = doubts(window);
        let own =
            all.iter().find(|(four, _)| *four == index).unwrap_or_else(|| panic!("{index} is no four")).1;
        let less = all.iter().filter(|(_, doubt)| *doubt < own).count();
        let more = all.iter().filter(|(_, doubt)| *doubt > own).count();
        (index, less, more)
    };

    step(&mut window, 1);
    settle(&mut window);
    let (neat, less, _) = selected(&window);
    assert_eq!(less, 0, "no four is doubted less");
    assert_eq!(state(&window).shared.settings.digit, Some(4));
    says(&window, "the network doubts this one least. At p = 0.50, ");
    window.get_by_label(&format!("Image {neat}"));

    step(&mut window, 2);
    settle(&mut window);
    let (bad, _, more) = selected(&window);
    assert_eq!(more, 0, "no four is doubted more");
    says(&window, "this one it doubts most. At p = 0.50, ");
    // Of another image that is not said.
    act(&mut window, Action::Gallery(GalleryAction::Select(neat, Pick::Only)));
    settle(&mut window);
    says(&window, &format!("the network doubts image {bad} most. Choose the step once more"));
    act(&mut window, Action::Window(WindowAction::Guide(GuideAction::Do(GuideStep::BadFour))));
    settle(&mut window);
    says(&window, "this one it doubts most. At p = 0.50, ");

    step(&mut window, 3);
    settle(&mut window);
    let shared = &state(&window).shared;
    assert!((shared.settings.sweep.dropout - 0.8).abs() < 1e-6);
    assert_eq!(shared.selected.primary, Some(bad), "the same image at another rate");
    says(&window, "it was 0.50. At p = 0.80, ");

    step(&mut window, 4);
    wait_until(&mut window, "what the network makes of the drawing", |state| {
        state.shared.sights.drawn.as_ref().is_some_and(|view| view.seen.is_some())
    });
    let shared = &state(&window).shared;
    assert_eq!(shared.settings.tab, Tab::Draw);
    assert!((shared.settings.sweep.dropout - 0.5).abs() < 1e-6, "p is taken back");
    let strokes = state(&window).panels.draw.now();
    assert_eq!(strokes.strokes.len(), 2);
    says(&window, "open at the top");

    step(&mut window, 5);
    wait_until(&mut window, "the course", |state| {
        state.panels.rotate.view.as_ref().is_some_and(|view| view.is_complete())
    });
    let rotate = &state(&window).panels.rotate;
    assert!(rotate.paper);
    let Some(Origin::Dataset(index)) = rotate.origin else { panic!("{:?}", rotate.origin) };
    assert_eq!(state(&window).shared.dataset.as_ref().unwrap().digits.labels()[index as usize], 1);
    assert_eq!(rotate.view.as_ref().unwrap().steps.len(), 12);
    says(&window, "Gal & Ghahramani (2016)");

    step(&mut window, 6);
    wait_until(&mut window, "the foreign images", |state| state.shared.sights.foreign.is_some());
    window.run_steps(3);
    let quality = &state(&window).panels.quality;
    assert_eq!((state(&window).shared.settings.tab, quality.section), (Tab::Quality, Section::Foreign));
    assert!(matches!(quality.source, Some(Foreign::Corrupted { .. })), "there are no letters here");
    says(&window, "no folder of letters (notMNIST) beside the data");
    assert_eq!(state(&window).shared.guide.done, [true; 6]);
    window.get_by_role_and_label(Role::Button, "Step 1: A neat four, done");
}

#[test]
fn letters_beside_the_data_are_compared_with_the_digits() {
    let folder = tempfile::tempdir().unwrap();
    let (data, letters) = (folder.path().join("mnist"), folder.path().join("notmnist"));
    for folder in [&data, &letters] {
        std::fs::create_dir(folder).unwrap();
    }
    write_digits(&letters, 30);
    let mut window = first(&data);
    step(&mut window, 6);
    wait_until(&mut window, "the letters", |state| state.shared.sights.foreign.is_some());
    window.run_steps(3);
    assert_eq!(state(&window).panels.quality.source, Some(Foreign::At(letters)));
    says(&window, "from the folder notmnist");
}

#[test]
fn the_steps_find_the_fours_whatever_was_shown_and_next_and_back_walk_through_them() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), IMAGES);
    let settings = Settings {
        digit: Some(7),
        filter: Filter::Wrong,
        measure: Measure::Margin,
        arrangement: Arrangement::Ranking,
        inspector_open: false,
        tab: Tab::Train,
        ..Settings::default()
    };
    let mut window = window(folder.path(), quick(&settings));
    settle(&mut window);
    assert!(!state(&window).shared.guide.open, "not unasked");
    act(&mut window, Action::Window(WindowAction::Guide(GuideAction::Open)));
    window.run_steps(3);
    click(&mut window, "Next step");
    settle(&mut window);
    let shared = &state(&window).shared;
    let view = shared.run.gallery.as_ref().unwrap();
    assert_eq!((view.query.digit, view.query.measure), (Some(4), Measure::PredictiveEntropy));
    assert_eq!(shared.selected.primary, view.ranked.order.last().copied());
    assert_eq!((shared.settings.tab, shared.settings.inspector_open), (Tab::Gallery, true));
    click(&mut window, "Next step");
    settle(&mut window);
    let first = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order[0];
    assert_eq!(state(&window).shared.selected.primary, Some(first));
    click(&mut window, "Next step");
    settle(&mut window);
    // Back from another rate: the image is that of the rate gone back to.
    click(&mut window, "Back one step");
    settle(&mut window);
    let shared = &state(&window).shared;
    assert_eq!(shared.guide.at, Some(GuideStep::BadFour));
    assert!((shared.settings.sweep.dropout - 0.5).abs() < 1e-6);
    assert_eq!(shared.selected.primary, Some(shared.run.gallery.as_ref().unwrap().ranked.order[0]));
}

#[test]
fn the_first_start_shows_the_steps_until_they_are_closed_and_no_other_start_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = first(folder.path());
    assert!(state(&window).shared.guide.open && !state(&window).shared.settings.seen_start);
    let behind = state(&window).shared.run.gallery.clone().unwrap();
    // What lies over the window is closed first.
    act(&mut window, Action::Window(WindowAction::ShowHelp(Topic::Glossary)));
    window.run_steps(2);
    escape(&mut window);
    assert!(state(&window).shared.guide.open);
    let selected = state(&window).shared.selected.clone();
    escape(&mut window);
    assert!(!state(&window).shared.guide.open && state(&window).shared.settings.seen_start);
    assert_eq!(state(&window).shared.selected, selected, "the selection stays");
    assert!(window.query_by_role_and_label(Role::Button, "Close Start here").is_none());
    // The settings as they are kept for the next start.
    let kept = state(&window).shared.settings.clone();
    let mut again = crate::common::window(folder.path(), kept);
    settle(&mut again);
    assert!(!state(&again).shared.guide.open);
    // Behind them is what there would be without them.
    let view = state(&again).shared.run.gallery.clone().unwrap();
    assert_eq!((view.query, &view.ranked.order), (behind.query, &behind.ranked.order));
    act(&mut again, Action::Window(WindowAction::Guide(GuideAction::Open)));
    again.run_steps(3);
    click(&mut again, "Close Start here");
    assert!(!state(&again).shared.guide.open);
}

#[test]
fn the_strip_covers_nothing_and_stays_as_high_from_step_to_step() {
    for size in [[1000.0, 650.0], [1280.0, 800.0], [3840.0, 2160.0]] {
        let folder = tempfile::tempdir().unwrap();
        write_digits(folder.path(), 60);
        let builder = Harness::builder().with_size(size);
        let mut window = open(builder, folder.path(), quick(&Settings::first_start()));
        settle(&mut window);
        let strip = |window: &Window| {
            let first = window.get_all_by_label_contains("Step 1: ").next().unwrap().rect();
            let part = |name: &str| window.get_by_role_and_label(Role::Button, name).rect();
            ["Back one step", "Next step", "Close Start here"].into_iter().map(part).fold(first, Rect::union)
        };
        let tops: Vec<f32> = GuideStep::ALL
            .into_iter()
            .map(|step| {
                act(&mut window, Action::Window(WindowAction::Guide(GuideAction::Do(step))));
                window.run_steps(4);
                let place = strip(&window);
                let screen = Rect::from_min_size(Pos2::ZERO, size.into());
                assert!(screen.contains_rect(place), "{step:?}: {place:?} in {size:?}");
                place.top()
            })
            .collect();
        let highest = tops.iter().copied().fold(f32::INFINITY, f32::min);
        assert!(tops.iter().all(|top| (top - highest).abs() < 1.0), "{size:?}: {tops:?}");
    }
}

#[test]
fn closing_the_steps_puts_back_what_they_chose_in_one_step_and_keeps_what_a_person_chose_since() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), IMAGES);
    let settings =
        Settings { digit: Some(7), filter: Filter::Right, inspector_open: false, ..Settings::first_start() };
    let mut window = window(folder.path(), quick(&settings));
    settle(&mut window);
    step(&mut window, 2);
    settle(&mut window);
    step(&mut window, 3);
    settle(&mut window);
    let of = |settings: &Settings| {
        let Settings { digit, filter, measure, inspector_open, sweep, .. } = *settings;
        (digit, filter, measure, inspector_open, (sweep.dropout * 100.0).round() as i32)
    };
    let chosen = |window: &Window| of(&state(window).shared.settings);
    let shown = (Some(4), Filter::All, Measure::PredictiveEntropy, true, 80);
    assert_eq!(chosen(&window), shown);
    act(&mut window, Action::Gallery(GalleryAction::SetMeasure(Measure::Margin)));
    settle(&mut window);
    let selected = state(&window).shared.selected.clone();
    let own = (Some(7), Filter::Right, Measure::Margin, false, 50);
    assert_eq!(
        of(&state(&window).shared.settings_to_keep()),
        own,
        "also when the window is closed before the steps"
    );
    click(&mut window, "Close Start here");
    settle(&mut window);
    assert_eq!(chosen(&window), own);
    assert_eq!(state(&window).shared.selected, selected, "the image looked at stays");
    says(&window, "As before Start here: digit 4 → digit 7");
    act(&mut window, Action::Undo);
    settle(&mut window);
    let (digit, filter, .., rate) = chosen(&window);
    assert_eq!((digit, filter, rate), (Some(4), Filter::All, 80));
    // Closed by a key, after one step.
    act(&mut window, Action::Gallery(GalleryAction::ShowAll));
    act(&mut window, Action::Window(WindowAction::Guide(GuideAction::Open)));
    step(&mut window, 1);
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.digit, Some(4));
    escape(&mut window);
    assert_eq!(state(&window).shared.settings.digit, None);
}

#[test]
fn with_a_review_beside_them_the_ways_back_have_different_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = first(folder.path());
    step(&mut window, 1);
    settle(&mut window);
    act(&mut window, Action::Marks(MarksAction::Review));
    settle(&mut window);
    let names: Vec<String> = window
        .root()
        .children_recursive()
        .filter(|node| node.accesskit_node().role() == Role::Button)
        .filter_map(|node| node.accesskit_node().label())
        .filter(|name| ["back", "previous", "next"].iter().any(|way| name.to_lowercase().contains(way)))
        .collect();
    assert_eq!(names, ["Previous image (,)", "Back one step", "Next step"]);
}

/// Whether the glossary lies over the window.
fn glossary(window: &Window) -> bool {
    state(window).shared.overlay == Overlay::Help(Topic::Glossary)
}

#[test]
fn the_words_of_every_tab_explain_themselves_and_open_the_glossary() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), IMAGES);
    let mut window = window(folder.path(), quick(&Settings::default()));
    settle(&mut window);
    let words = [
        (Tab::Gallery, "Seed", Term::Seed),
        (Tab::Gallery, "Dropout rate p", Term::DropoutRate),
        (Tab::Gallery, "Passes T", Term::Passes),
        (Tab::Gallery, "Sort by", Term::PredictiveEntropy),
        (Tab::Gallery, "Shelves", Term::Shelf),
        (Tab::Gallery, "Most certain, ≈ within noise of others", Term::WithinNoise),
        (Tab::Gallery, "Least certain, by predictive entropy", Term::PredictiveEntropy),
        (Tab::Gallery, "Predictive mean, ±1 standard error · votes below", Term::PredictiveMean),
        (Tab::Plane, "Expected entropy (nats)", Term::ExpectedEntropy),
        (Tab::Plane, "Mutual information (nats)", Term::MutualInformation),
        (Tab::Rotate, "expected entropy", Term::ExpectedEntropy),
        (Tab::Quality, "Reliability", Term::Calibration),
        (Tab::Quality, "NLL", Term::Nll),
        (Tab::Quality, "Error AUROC", Term::Auroc),
    ];
    for (tab, text, term) in words {
        act(&mut window, Action::Window(WindowAction::ShowTab(tab)));
        settle(&mut window);
        wait_until(&mut window, text, |_| true);
        let label = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == Role::Label;
        let place = {
            let found = window.get_all_by_label(text).find(label);
            found.unwrap_or_else(|| panic!("{text} in {tab:?}")).rect()
        };
        window.hover_at(place.left_center() + egui::vec2(4.0, 0.0));
        window.run_steps(8);
        window.get_by_label_contains(term.first_sentence());
        window.drag_at(place.left_center() + egui::vec2(4.0, 0.0));
        window.drop_at(place.left_center() + egui::vec2(4.0, 0.0));
        window.run_steps(3);
        assert!(glossary(&window), "{text} in {tab:?}");
        // Its entry is at the top of what is shown, or as near to it as the end of the page lets it be.
        let heading = window.get_all_by_label(term.heading()).next().unwrap().rect();
        assert!(window.ctx.content_rect().contains(heading.center()), "{text}: {heading:?}");
        escape(&mut window);
        assert_eq!(state(&window).shared.overlay, Overlay::None);
    }
}

#[test]
fn f1_on_a_control_opens_its_word_and_elsewhere_the_help() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), IMAGES);
    let mut window = window(folder.path(), quick(&Settings::default()));
    settle(&mut window);
    window.get_by_role_and_label(Role::Slider, "Dropout rate").focus();
    window.run_steps(2);
    window.key_press(Key::F1);
    window.run_steps(3);
    assert!(glossary(&window));
    escape(&mut window);
    act(&mut window, Action::Run(RunAction::SetPasses(20)));
    window.get_by_role_and_label(Role::Button, "All digits").focus();
    window.run_steps(3);
    window.key_press(Key::F1);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::Help(Topic::Window));
}

#[test]
fn words_add_no_stop_of_the_tab_key() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), IMAGES);
    let mut window = window(folder.path(), quick(&Settings::default()));
    settle(&mut window);
    let mut stops = Vec::new();
    for _ in 0..40 {
        window.key_press(Key::Tab);
        window.run_steps(1);
        let focused = window.root().children_recursive().find(|node| node.accesskit_node().is_focused());
        stops.extend(focused.map(|node| node.accesskit_node().role()));
    }
    assert!(stops.len() > 20 && !stops.contains(&Role::Label), "{stops:?}");
}

#[test]
fn about_names_the_works_and_their_addresses() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), 30);
    let mut window = window(folder.path(), quick(&Settings::default()));
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowAbout));
    window.run_steps(3);
    window.get_by_label(&format!("Dubito {}", env!("CARGO_PKG_VERSION")));
    for text in [
        "Gal & Ghahramani 2016",
        "Dropout as a Bayesian Approximation",
        "Houlsby, Huszár, Ghahramani & Lengyel 2011",
        "Dropout ni yoru kinji Bayes suiron ni tsuite",
        "MIT licence",
    ] {
        says(&window, text);
    }
    window.get_by_role_and_label(Role::Link, "ICML 2016, arXiv:1506.02142");
    escape(&mut window);
    assert_eq!(state(&window).shared.overlay, Overlay::None);
}
