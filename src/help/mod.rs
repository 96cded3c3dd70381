//! The help: pages in Markdown beside this file, which the window and the command line show.

mod glossary;
mod page;
mod search;
#[cfg(test)]
mod tests;
mod topic;

use std::sync::LazyLock;

pub use glossary::{Entry, Term};
pub use page::{Block, Cell, Link, Page, Piece, Span, Style, fit, lengths, pieces, plain};
pub use search::{Kind, Place, find};
pub use topic::Topic;

impl Topic {
    /// Its page, read once.
    #[must_use]
    pub fn page(self) -> &'static Page {
        static PAGES: LazyLock<Vec<Page>> =
            LazyLock::new(|| Topic::ALL.into_iter().map(|topic| Page::read(topic.text())).collect());
        // `ALL` is in the order of the declaration, which a test holds.
        &PAGES[self as usize]
    }

    /// The heading of its page.
    #[must_use]
    pub fn title(self) -> &'static str {
        &self.page().title
    }
}
