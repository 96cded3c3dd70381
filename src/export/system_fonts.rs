//! Fonts of the machine, for characters that the fonts embedded in the program lack: a folder may be named in any
//! script.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use ab_glyph::{Font, FontArc, FontVec};
use fontique::{
    Collection, CollectionOptions, FallbackKey, FamilyId, GenericFamily, Language, Query, QueryFamily,
    QueryFont, QueryStatus, Script, SourceCache,
};

/// What was looked for, and what was found.
struct Known {
    collection: Collection,
    cache: SourceCache,
    /// The fonts loaded, each once.
    fonts: Vec<((FamilyId, usize), FontArc)>,
    /// Which of them has a character, if any does.
    by_character: HashMap<char, Option<usize>>,
}

/// Listing the fonts of a machine takes some tenths of a second: it is done once, when a character is missing.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(|| {
    Mutex::new(Known {
        collection: Collection::new(CollectionOptions { shared: false, system_fonts: true }),
        cache: SourceCache::default(),
        fonts: Vec::new(),
        by_character: HashMap::new(),
    })
});

/// A font of the machine that has a character; the same one whenever it is asked for.
pub(super) fn font_with(character: char) -> Option<FontArc> {
    // A thread that panicked here left only a font unlisted.
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.font_with(character)
}

impl Known {
    fn font_with(&mut self, character: char) -> Option<FontArc> {
        if let Some(found) = self.by_character.get(&character) {
            return found.map(|at| self.fonts[at].1.clone());
        }
        let found = self.find(character).and_then(|font| self.load(&font, character));
        self.by_character.insert(character, found);
        found.map(|at| self.fonts[at].1.clone())
    }

    fn find(&mut self, character: char) -> Option<QueryFont> {
        // Whatever has it when no usual font does, in an order that does not change.
        let mut names: Vec<String> = self.collection.family_names().map(str::to_owned).collect();
        names.sort_unstable();
        let generic = [GenericFamily::SansSerif, GenericFamily::SystemUi, GenericFamily::Monospace];
        let mut query = self.collection.query(&mut self.cache);
        query.set_families(generic.map(QueryFamily::Generic));
        if let Some((script, language)) = script(character) {
            let language = language.and_then(|language| Language::parse(language).ok());
            query.set_fallbacks(FallbackKey::new(script, language.as_ref()));
        }
        first_with(&mut query, character).or_else(|| {
            query.set_families(names.iter().map(|name| QueryFamily::Named(name)));
            first_with(&mut query, character)
        })
    }

    /// Takes a font down, unless it is there already or cannot be drawn with.
    fn load(&mut self, font: &QueryFont, character: char) -> Option<usize> {
        if let Some(at) = self.fonts.iter().position(|(family, _)| *family == font.family) {
            return Some(at);
        }
        let loaded = FontVec::try_from_vec_and_index(font.blob.as_ref().to_vec(), font.index).ok()?;
        // Fonts of pictures, such as those of emoji, have no outlines to draw.
        loaded.outline(loaded.glyph_id(character))?;
        self.fonts.push((font.family, FontArc::new(loaded)));
        Some(self.fonts.len() - 1)
    }
}

/// The first font of a query that has a character.
fn first_with(query: &mut Query<'_>, character: char) -> Option<QueryFont> {
    let mut found = None;
    query.matches_with(|font| {
        let has = font.charmap().and_then(|map| map.map(character)).is_some_and(|glyph| glyph != 0);
        if has {
            found = Some(font.clone());
            QueryStatus::Stop
        } else {
            QueryStatus::Continue
        }
    });
    found
}

/// The script of a character where machines keep fonts by script, and the language whose forms are meant.
fn script(character: char) -> Option<(Script, Option<&'static str>)> {
    let (name, language) = match character {
        '\u{3040}'..='\u{309F}' => (b"Hira", Some("ja")),
        '\u{30A0}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}' => (b"Kana", Some("ja")),
        // The article is Japanese, and so are the first who look for it.
        '\u{3000}'..='\u{303F}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => (b"Hani", Some("ja")),
        '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => (b"Hang", None),
        _ => return None,
    };
    Some((Script::from_bytes(*name), language))
}
