//! Where a word stands in the help: terms first, then sections, then whatever holds it.

use std::sync::LazyLock;

use super::page::{Block, Span, plain};
use super::topic::Topic;

/// What a place of the help is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word that is explained: a measure, a term.
    Term,
    /// A section, or a page.
    Section,
}

/// A place in the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The page.
    pub topic: Topic,
    /// Which block of the page.
    pub block: usize,
    /// What it is about.
    pub kind: Kind,
    /// The term, or the heading.
    pub name: String,
    /// How it begins.
    pub text: String,
    /// Name and text as they are searched.
    searched: [String; 2],
}

impl Place {
    fn new(topic: Topic, block: usize, kind: Kind, name: String, text: String) -> Self {
        let searched = [folded(&name), folded(&text)];
        Self { topic, block, kind, name, text, searched }
    }

    /// How well it fits, the best first: the name begins with what was typed, the name holds every word, the text
    /// does. `None` when it does not fit.
    fn fit(&self, query: &str, words: &[&str]) -> Option<u8> {
        let [name, text] = &self.searched;
        if name.starts_with(query) {
            Some(0)
        } else if words.iter().all(|word| name.contains(word)) {
            Some(1)
        } else if words.iter().all(|word| name.contains(word) || text.contains(word)) {
            Some(2)
        } else {
            None
        }
    }
}

/// As people type it: `predictive_entropy` is found by *Predictive entropy*.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('_', " ")
}

/// The places that hold every word of a query, the best first; with `named`, only those named so.
#[must_use]
pub fn find(query: &str, named: bool) -> Vec<&'static Place> {
    static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| Topic::ALL.into_iter().flat_map(places).collect());
    let query = folded(query.trim());
    let words: Vec<&str> = query.split_whitespace().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u8, &Place)> =
        PLACES.iter().filter_map(|place| Some((place.fit(&query, &words)?, place))).collect();
    found.retain(|(fit, _)| !named || *fit < 2);
    found.sort_by_key(|(fit, place)| (*fit, place.kind != Kind::Term));
    found.into_iter().map(|(_, place)| place).collect()
}

/// All that can be found on a page.
fn places(topic: Topic) -> Vec<Place> {
    let page = topic.page();
    let mut places = vec![Place::new(topic, 0, Kind::Section, page.title.clone(), String::new())];
    // Where text belongs that stands under a heading.
    let mut section = 0;
    for (at, block) in page.blocks.iter().enumerate() {
        match block {
            Block::Heading(level, spans) => {
                section = places.len();
                // In the glossary the words are headings.
                let kind = if topic == Topic::Glossary && *level == 3 { Kind::Term } else { Kind::Section };
                places.push(Place::new(topic, at, kind, plain(spans), String::new()));
            }
            Block::Table(rows) if explains(topic) => {
                for row in rows.iter().skip(1) {
                    let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
                    if let [name, rest @ ..] = cells.as_slice() {
                        places.push(Place::new(topic, at, Kind::Term, name.clone(), rest.join(" · ")));
                    }
                }
            }
            Block::List { items, .. } => {
                for item in items {
                    let Some(Block::Paragraph(spans)) = item.first() else { continue };
                    match spans.split_first() {
                        Some((first, rest)) if first.style.strong => {
                            let text = plain(rest).trim_start_matches([':', ' ', '–']).to_owned();
                            places.push(Place::new(topic, at, Kind::Term, first.text.clone(), text));
                        }
                        _ => append(&mut places[section], spans),
                    }
                }
            }
            Block::Paragraph(spans) => append(&mut places[section], spans),
            Block::Table(_) | Block::Code(_) => {}
        }
    }
    places
}

/// Whether the tables of a page explain words, one a row.
fn explains(topic: Topic) -> bool {
    topic == Topic::Measures
}

fn append(place: &mut Place, spans: &[Span]) {
    let text = plain(spans);
    place.searched[1].push_str(&folded(&text));
    place.searched[1].push(' ');
    if place.text.is_empty() {
        place.text = text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_found_by_its_heading_and_by_its_text() {
        let found = find("how firm a place", true);
        assert_eq!(found[0].name, "How firm a place in the ranking is");
        assert_eq!(found[0].topic, Topic::Measures);
        assert!(find("falling with", true).is_empty());
        assert!(find("errors falling with", false).contains(&found[0]));
    }

    #[test]
    fn nothing_is_found_of_nothing() {
        assert!(find("  ", false).is_empty() && find("zzyzx", false).is_empty());
    }
}
