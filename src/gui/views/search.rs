//! What is found of a few typed words: commands, images by their number, places of the help.

use egui::{Response, Ui};

use crate::gui::action::{Action, GalleryAction, WindowAction};
use crate::gui::command::MenuCommand;
use crate::gui::other_words::{other_words, words};
use crate::help::{self, Kind, Place};
use crate::wording;

/// Something found.
#[derive(Clone, Debug)]
pub(super) enum Found<'a> {
    /// A command.
    Command(&'a MenuCommand),
    /// An image of the dataset.
    Image(u32),
    /// Why there is no image of the number typed.
    NoImage(String),
    /// A place in the help.
    Help(&'static Place),
}

/// What can be found.
#[derive(Clone, Copy)]
pub struct Searchable<'a> {
    /// All commands.
    pub commands: &'a [MenuCommand],
    /// The number of images; `None` while there are none.
    pub images: Option<usize>,
}

/// Places of the help that the palette lists at most.
const PLACES: usize = 8;

impl<'a> Searchable<'a> {
    /// What the palette lists: an image by its number, commands by their name or what else they are called, the help by
    /// its terms and headings, or by its text where nothing else is found.
    pub(super) fn for_palette(self, query: &str) -> Vec<Found<'a>> {
        let mut found = self.image(query);
        found.extend(self.commands(query));
        found.extend(help::find(query, true).into_iter().take(PLACES).map(Found::Help));
        if found.is_empty() {
            // What has no name of its own may still be explained somewhere.
            found.extend(help::find(query, false).into_iter().take(PLACES).map(Found::Help));
        }
        found
    }

    /// What the help lists: its own places first.
    pub(super) fn for_help(self, query: &str) -> Vec<Found<'a>> {
        let mut found = self.image(query);
        found.extend(help::find(query, false).into_iter().map(Found::Help));
        if !query.trim().is_empty() {
            found.extend(self.commands(query));
        }
        found
    }

    /// Commands that every typed word tells something of: the view of that name first, then those whose name begins with
    /// the query, then those with the fewest words, in their name or beside it, that one did not type.
    fn commands(self, query: &str) -> impl Iterator<Item = Found<'a>> {
        let words = words(query);
        let query = query.trim().to_lowercase();
        let fit = |command: &MenuCommand| {
            let name = command.name.to_lowercase();
            let others = other_words(&command.action);
            let named = |word: &String| name.contains(&**word);
            // Of other words a beginning is enough, not any part: `on` is not to find `options`.
            let also = |word: &String| others.split(' ').any(|other| other.starts_with(&**word));
            if !words.iter().all(|word| named(word) || also(word)) {
                return None;
            }
            // A view by its own name comes before what can be done in it.
            if name.strip_prefix("go to ") == Some(&query) {
                return Some(0);
            }
            if name.starts_with(&query) {
                // In the order of the menus.
                return Some(1);
            }
            let own = self::words(&name);
            let more = own.iter().filter(|own| !words.iter().any(|word| own.contains(&**word))).count();
            let beside = words.iter().filter(|word| !named(word)).count();
            Some(2 + more + beside)
        };
        let mut found: Vec<_> =
            self.commands.iter().filter_map(|command| Some((fit(command)?, command))).collect();
        found.sort_by_key(|(fit, _)| *fit);
        found.into_iter().map(|(_, command)| Found::Command(command))
    }

    /// The image whose number was typed: `#247`, `247`, `image 247`, `go to image 247`.
    fn image(self, query: &str) -> Vec<Found<'a>> {
        let query = query.trim().to_lowercase();
        let bare =
            ["go to image", "image"].iter().find_map(|words| query.strip_prefix(words)).unwrap_or(&query);
        let number = bare.trim_start().trim_start_matches('#');
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Vec::new();
        }
        let index = number.parse::<u32>().ok();
        vec![match (self.images, index) {
            (None, _) => Found::NoImage("There are no images yet.".to_owned()),
            (Some(images), Some(index)) if (index as usize) < images => Found::Image(index),
            (Some(images), _) => Found::NoImage(wording::no_image(number, images)),
        }]
    }
}

impl Found<'_> {
    /// What happens when it is chosen.
    pub(super) fn action(&self) -> Option<Action> {
        match self {
            Self::Command(command) => Some(command.action.clone()),
            Self::Image(index) => Some(Action::Gallery(GalleryAction::GoTo(*index))),
            Self::NoImage(_) => None,
            Self::Help(place) => Some(Action::Window(WindowAction::ShowHelpAt(place.topic, place.block))),
        }
    }

    /// Draws its line; nothing can be done about an image that is not there.
    pub(super) fn line_ui(&self, ui: &mut Ui, chosen: bool) -> Response {
        let name = match self {
            Self::Command(command) => command.name.clone(),
            Self::Image(index) => format!("Go to image #{index}"),
            Self::NoImage(why) => return ui.add(egui::Label::new(why).wrap()),
            Self::Help(place) => place.name.clone(),
        };
        let wide = egui::vec2(ui.available_width(), 0.0);
        let mut button = egui::Button::selectable(chosen, name).min_size(wide);
        let beside = match self {
            Self::Command(command) => command.keys(ui.ctx()),
            Self::Help(place) => match place.kind {
                Kind::Term => Some(place.topic.title().to_owned()),
                Kind::Section => Some("help".to_owned()),
            },
            Self::Image(_) | Self::NoImage(_) => None,
        };
        if let Some(beside) = beside {
            // Weak text is too faint on the fill of the chosen line.
            let colour =
                if chosen { ui.visuals().selection.stroke.color } else { ui.visuals().weak_text_color() };
            button = button.shortcut_text(egui::RichText::new(beside).color(colour));
        }
        let response = ui.add(button);
        match self {
            Self::Help(place) if !place.text.is_empty() => response.on_hover_text(&place.text),
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::command::commands;
    use crate::help::Topic;
    use crate::uncertainty::Measure;

    fn names(found: &[Found<'_>]) -> Vec<String> {
        let name = |found: &Found<'_>| match found {
            Found::Command(command) => command.name.clone(),
            Found::Image(index) => format!("#{index}"),
            Found::NoImage(why) => why.clone(),
            Found::Help(place) => format!("help: {}", place.name),
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn the_palette_finds_commands_by_any_words_in_any_order() {
        let list = commands();
        let all = Searchable { commands: &list, images: Some(10_000) };
        let found = names(&all.for_palette("information sort"));
        assert_eq!(found, ["Sort by mutual information"]);
        assert_eq!(names(&all.for_palette("export"))[0], "Export grid as picture…");
        assert!(all.for_palette("zzyzx").is_empty());
        assert_eq!(all.for_palette("").len(), list.len());
    }

    #[test]
    fn the_palette_finds_what_a_newcomer_types() {
        let list = commands();
        let all = Searchable { commands: &list, images: Some(10_000) };
        for (typed, first) in [
            ("light", "Light theme"),
            ("light theme", "Light theme"),
            ("theme light", "Light theme"),
            ("dark theme", "Dark theme"),
            ("dark mode", "Dark theme"),
            ("night mode", "Dark theme"),
            ("export csv", "Export table as CSV…"),
            ("csv export", "Export table as CSV…"),
            ("save results", "Export table as CSV…"),
            ("keyboard shortcuts", "Keyboard shortcuts"),
            ("hotkeys", "Keyboard shortcuts"),
            ("open folder", "Open data folder…"),
            ("load data", "Open data folder…"),
            ("load network", "Open model…"),
            ("open photo", "Open picture…"),
            ("undo", "Undo"),
            ("plane", "Go to Plane"),
            ("Draw", "Go to Draw"),
            ("train", "Go to Train"),
            ("full screen", "Lecture view"),
            ("zoom", "Lecture view"),
            ("zoom out", "Plane: see all"),
            ("tutorial", "Start here"),
            ("how do I train a network?", "Start training"),
            ("exit", "Quit"),
            ("rename classes", "Names of the classes…"),
            ("epistemic", "Sort by mutual information"),
            ("show errors", "Show wrong predictions"),
            ("manual", "Help"),
        ] {
            let found = names(&all.for_palette(typed));
            assert_eq!(found.first().map(String::as_str), Some(first), "{typed}: {found:?}");
        }
        // What no command does is explained.
        assert_eq!(names(&all.for_palette("lavapipe")), ["help: Pictures of the window"]);
    }

    #[test]
    fn an_image_is_found_by_its_number_and_one_that_is_not_there_is_said_to_be_missing() {
        let list = commands();
        let all = Searchable { commands: &list, images: Some(10_000) };
        for typed in ["#247", " 247 ", "image 247", "Go to image 247", "go to image #247"] {
            let found = all.for_palette(typed);
            assert_eq!(names(&found)[0], "#247", "{typed}");
            assert_eq!(found[0].action(), Some(Action::Gallery(GalleryAction::GoTo(247))));
        }
        for typed in ["#10000", "#99999999999999999999"] {
            let found = all.for_palette(typed);
            let Some(Found::NoImage(why)) = found.first() else { panic!("{typed}: {found:?}") };
            assert!(why.contains("0 to 9,999") && why.contains(&typed[1..]), "{why}");
            assert_eq!(found[0].action(), None);
        }
        let none = Searchable { commands: &list, images: None };
        assert!(matches!(none.for_palette("#3")[0], Found::NoImage(_)));
        assert!(!matches!(all.for_palette("#").first(), Some(Found::Image(_) | Found::NoImage(_))));
    }

    #[test]
    fn every_measure_is_found_first_where_it_is_defined() {
        for measure in Measure::ALL {
            let found = help::find(measure.name(), true);
            let first = found.first().unwrap_or_else(|| panic!("{} is not found", measure.name()));
            assert_eq!((first.topic, first.kind), (Topic::Measures, Kind::Term), "{}", measure.name());
        }
    }

    #[test]
    fn the_help_finds_pages_before_commands() {
        let list = commands();
        let all = Searchable { commands: &list, images: Some(10_000) };
        let found = names(&all.for_help("mutual information"));
        assert_eq!(found[0], "help: mutual_information");
        assert!(found.contains(&"Sort by mutual information".to_owned()), "{found:?}");
        assert!(all.for_help("").is_empty());
    }
}
