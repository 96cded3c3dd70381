//! What is found of a few typed words: commands, images by their number, places of the help.

use egui::{Response, Ui};

use crate::gui::action::{Action, GalleryAction, WindowAction};
use crate::gui::command::MenuCommand;
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
    /// What the palette lists: an image by its number, commands by their name, the help by its terms and headings.
    pub(super) fn for_palette(self, query: &str) -> Vec<Found<'a>> {
        let mut found = self.image(query);
        found.extend(self.commands(query));
        found.extend(help::find(query, true).into_iter().take(PLACES).map(Found::Help));
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

    /// Commands whose name contains every typed word, those that begin with the query first.
    fn commands(self, query: &str) -> impl Iterator<Item = Found<'a>> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let mut found: Vec<&MenuCommand> = self
            .commands
            .iter()
            .filter(|command| {
                let name = command.name.to_lowercase();
                words.iter().all(|word| name.contains(word))
            })
            .collect();
        found.sort_by_key(|command| !command.name.to_lowercase().starts_with(query.trim()));
        found.into_iter().map(Found::Command)
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
        assert!(all.for_palette("no such thing").is_empty());
        assert_eq!(all.for_palette("").len(), list.len());
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
