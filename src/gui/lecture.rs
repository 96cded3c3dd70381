//! Lecture view: the window fills the screen, and its contents are as large as its panels allow, for people who sit far
//! away. Leaving it brings zoom and window back as they were; neither is kept for the next start.

use eframe::Storage;
use egui::{Context, Vec2, ViewportCommand};

use super::shared::Shared;
use crate::shown::InspectorView;
use crate::shown::subnetwork::number;
use crate::wording;

/// Contents are enlarged until so many points are left: panels stand side by side in them, and the smallest text takes a
/// fiftieth of the screen's height.
const USUAL: Vec2 = Vec2::new(880.0, 540.0);
/// Fewer points than this are too few for the panels, whatever zoom a person likes besides.
const LEAST: Vec2 = Vec2::new(760.0, 480.0);
/// Sizes that differ by less are the same, in points.
const SAME: f32 = 0.5;
/// What is said while there is nothing to say.
const NOTHING: &str = "Point at an image, a bar or a dot: its numbers stand here.";
/// How long the pointer rests until a tooltip comes, in seconds: its numbers are in the read-out, and it is large and covers
/// what is being shown.
const TOOLTIP_DELAY: f32 = 1.5;
/// Where the storage keeps the window's place and egui's memory, its zoom in it.
const KEYS: [&str; 2] = ["window", "egui"];

/// The zoom of a screen of this size in points at zoom 1, where a person's own zoom is `own`.
#[must_use]
pub fn zoom(screen: Vec2, own: f32) -> f32 {
    let fits = |points: Vec2| (screen / points).min_elem();
    (own * fits(USUAL).max(1.0)).min(fits(LEAST)).max(own)
}

/// The image in the inspector in one line, `view` being what is known of it and `pass` the sub-network looked at: what is
/// said while the pointer is on nothing.
#[must_use]
pub fn summary(shared: &Shared, view: Option<&InspectorView>, pass: Option<usize>) -> String {
    let image = shared.inspected().and_then(|origin| shared.pictured(origin));
    let known = image.zip(view).filter(|(image, view)| image.origin == view.origin);
    let Some((image, view)) = known else { return NOTHING.to_owned() };
    let measures = &view.measures;
    let says = measures.prediction();
    let label = image.label.map(|label| format!("label {} · ", image.labels.name(label))).unwrap_or_default();
    let answers = &view.names.answers;
    let votes = format!(
        "{} of {} passes say {}",
        measures.votes[usize::from(says)],
        measures.passes,
        answers.name(says)
    );
    let one = pass.and_then(|pass| {
        view.answer_of(pass).map(|(class, _)| format!(" · #{} says {}", number(pass), answers.name(class)))
    });
    let entropy = wording::short(measures.predictive_entropy, 2);
    format!("{} · {label}{votes} · H {entropy}{}", image.name, one.unwrap_or_default())
}

/// How it was before.
#[derive(Clone, Copy, Debug)]
struct Former {
    zoom: f32,
    fullscreen: bool,
    tooltip_delay: f32,
    /// The size that contents were enlarged for, in points at zoom 1.
    screen: Option<Vec2>,
}

/// The lecture view, on or off.
#[derive(Debug, Default)]
pub struct Lecture {
    former: Option<Former>,
    /// What the storage held before.
    kept: [Option<String>; 2],
}

impl Lecture {
    /// Turns it on or off.
    pub fn set(&mut self, context: &Context, on: bool) {
        if on == self.former.is_some() {
            return;
        }
        if let Some(former) = self.former.take() {
            context.set_zoom_factor(former.zoom);
            context.all_styles_mut(|style| style.interaction.tooltip_delay = former.tooltip_delay);
            context.send_viewport_cmd(ViewportCommand::Fullscreen(former.fullscreen));
            return;
        }
        let fullscreen = context.input(|input| input.viewport().fullscreen).unwrap_or(false);
        let tooltip_delay = context.global_style().interaction.tooltip_delay;
        let zoom = context.zoom_factor();
        self.former = Some(Former { zoom, fullscreen, tooltip_delay, screen: None });
        context.all_styles_mut(|style| style.interaction.tooltip_delay = TOOLTIP_DELAY);
        context.send_viewport_cmd(ViewportCommand::Fullscreen(true));
    }

    /// Enlarges the contents for the screen as it is now. Another zoom that is chosen then stays until the screen is
    /// another.
    pub fn fit(&mut self, context: &Context) {
        let Some(former) = &mut self.former else { return };
        let screen = context.content_rect().size() * context.zoom_factor();
        if former.screen.is_some_and(|fitted| (fitted - screen).abs().max_elem() < SAME) {
            return;
        }
        former.screen = Some(screen);
        context.set_zoom_factor(zoom(screen, former.zoom));
    }

    /// Looks at what the storage holds, after the window's place and zoom were put there; while the view is on it gets
    /// back what it held before.
    pub fn keep(&mut self, storage: &mut dyn Storage) {
        if self.former.is_none() {
            self.kept = KEYS.map(|key| storage.get_string(key));
            return;
        }
        for (key, kept) in KEYS.into_iter().zip(&self.kept) {
            match kept {
                Some(kept) => storage.set_string(key, kept.clone()),
                None => storage.remove_string(key),
            }
        }
    }

    /// What the storage holds at the start.
    pub fn start(&mut self, storage: &dyn Storage) {
        self.kept = KEYS.map(|key| storage.get_string(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panels_have_room_on_every_screen_and_the_smallest_text_is_large() {
        for (width, height) in
            [(1000.0, 650.0), (1280.0, 800.0), (1366.0, 768.0), (1920.0, 1080.0), (3840.0, 2160.0)]
        {
            let screen = Vec2::new(width, height);
            for own in [1.0, 1.2, 0.8] {
                let zoom = zoom(screen, own);
                let points = screen / zoom;
                assert!(zoom >= own && points.x >= 759.9 && points.y >= 479.9, "{screen}: {zoom}");
            }
            // The smallest text has 10.5 points.
            assert!(10.5 * zoom(screen, 1.0) > height / 53.0 || width < 1.6 * height, "{screen}");
        }
        // What is too large already stays so.
        assert!((zoom(Vec2::new(800.0, 500.0), 1.5) - 1.5).abs() < 1e-6);
    }

    #[derive(Default)]
    struct Held(std::collections::BTreeMap<String, String>);

    impl Storage for Held {
        fn get_string(&self, key: &str) -> Option<String> {
            self.0.get(key).cloned()
        }
        fn set_string(&mut self, key: &str, value: String) {
            self.0.insert(key.to_owned(), value);
        }
        fn remove_string(&mut self, key: &str) {
            self.0.remove(key);
        }
        fn flush(&mut self) {}
    }

    #[test]
    fn the_next_start_knows_nothing_of_it() {
        let context = Context::default();
        let mut lecture = Lecture::default();
        let mut held = Held::default();
        let mut put = |lecture: &mut Lecture, window: &str, expected: Option<&str>| {
            held.set_string("window", window.to_owned());
            lecture.keep(&mut held);
            assert_eq!(held.get_string("window").as_deref(), expected);
        };
        let mut other = Lecture::default();
        other.set(&context, true);
        put(&mut other, "all of the screen", None);
        put(&mut lecture, "here", Some("here"));
        lecture.set(&context, true);
        put(&mut lecture, "all of the screen", Some("here"));
        lecture.set(&context, false);
        put(&mut lecture, "there", Some("there"));
    }
}
