//! The window's views and what can lie over them, with something in each: for tests that look at all of them.

use std::path::Path;

use dubito::gui::action::{
    Action, DrawAction, GalleryAction, GuideAction, MarksAction, Pick, RotateAction, Shelf, WindowAction,
};
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::help::Topic;
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use egui_kittest::Harness;

use super::{Window, act, open_keeping, settle, wait_until, write_digits};

/// A view with something in it.
pub struct Screen {
    /// What a failure calls it.
    pub name: &'static str,
    tab: Tab,
    actions: fn() -> Vec<Action>,
}

/// Takes away what lies over the window, and every limit.
pub fn leave(window: &mut Window) {
    act(window, Action::Marks(MarksAction::LeaveReview));
    act(window, Action::Window(WindowAction::Guide(GuideAction::Close)));
    for _ in 0..3 {
        act(window, Action::Window(WindowAction::Escape));
    }
    act(window, Action::Gallery(GalleryAction::ShowAll));
    act(window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(window);
}

impl Screen {
    /// Shows it and waits for its numbers.
    pub fn show(&self, window: &mut Window) {
        act(window, Action::Window(WindowAction::ShowTab(self.tab)));
        for action in (self.actions)() {
            act(window, action);
        }
        // What is shown first may ask for more: an explanation, a picture of it.
        for _ in 0..3 {
            window.run_steps(4);
            settle(window);
        }
        wait_until(window, self.name, |state| {
            state.shared.jobs.is_empty()
                && (self.tab != Tab::Quality
                    || state.panels.quality.view.as_ref().is_some_and(|view| view.complete))
        });
        window.run_steps(6);
    }
}

/// All of them.
pub const SCREENS: &[Screen] = &[
    Screen { name: "gallery", tab: Tab::Gallery, actions: Vec::new },
    Screen {
        name: "gallery, one ranking of a shelf",
        tab: Tab::Gallery,
        actions: || {
            vec![
                Action::Gallery(GalleryAction::SetArrangement(Arrangement::Ranking)),
                Action::Gallery(GalleryAction::Shelf(Shelf::SuspectLabels)),
            ]
        },
    },
    Screen { name: "plane", tab: Tab::Plane, actions: Vec::new },
    Screen { name: "draw, blank", tab: Tab::Draw, actions: || vec![Action::Draw(DrawAction::Clear)] },
    Screen {
        name: "draw",
        tab: Tab::Draw,
        actions: || vec![Action::Draw(DrawAction::OpenImage(Origin::Dataset(7)))],
    },
    Screen {
        name: "rotate",
        tab: Tab::Rotate,
        actions: || vec![Action::Rotate(RotateAction::Open(Origin::Dataset(7)))],
    },
    Screen { name: "quality", tab: Tab::Quality, actions: Vec::new },
    Screen { name: "train", tab: Tab::Train, actions: Vec::new },
    Screen { name: "palette", tab: Tab::Gallery, actions: || over(WindowAction::TogglePalette) },
    Screen { name: "shortcuts", tab: Tab::Gallery, actions: || over(WindowAction::ToggleShortcuts) },
    Screen { name: "help", tab: Tab::Gallery, actions: || over(WindowAction::ShowHelp(Topic::Files)) },
    Screen { name: "glossary", tab: Tab::Gallery, actions: || over(WindowAction::ShowHelp(Topic::Glossary)) },
    Screen { name: "network", tab: Tab::Gallery, actions: || over(WindowAction::ShowNetwork) },
    Screen { name: "about", tab: Tab::Gallery, actions: || over(WindowAction::ShowAbout) },
    Screen {
        name: "start here",
        tab: Tab::Gallery,
        actions: || over(WindowAction::Guide(GuideAction::Open)),
    },
    Screen { name: "review", tab: Tab::Gallery, actions: || vec![Action::Marks(MarksAction::Review)] },
];

fn over(action: WindowAction) -> Vec<Action> {
    vec![Action::Window(action)]
}

/// A window of this size with 200 images and something in every view.
pub fn prepared(folder: &Path, size: [f32; 2]) -> Window {
    write_digits(folder, 200);
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let settings = Settings { sweep, top: 20, ..Settings::default() };
    let builder = Harness::builder().with_size(size);
    let kept = [folder.join("digits"), folder.join("marks")];
    let [digits, marks] = kept.map(Some);
    let mut window = open_keeping(builder, folder, settings, digits, marks);
    settle(&mut window);
    act(&mut window, Action::Gallery(GalleryAction::Select(3, Pick::Only)));
    settle(&mut window);
    window
}
