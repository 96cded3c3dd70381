//! Markdown → headings, paragraphs, lists, tables and code as plain data, and how wide columns become.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::topic::Topic;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its first heading.
    pub title: String,
    /// Its first sentence.
    pub summary: String,
    /// What stands below it.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading below the title: 2 for a section, 3 for a part of one.
    Heading(u8, Vec<Span>),
    /// Running text.
    Paragraph(Vec<Span>),
    /// A list; numbered from `first`, or with bullets.
    List {
        /// The first number.
        first: Option<u64>,
        /// What each item holds.
        items: Vec<Vec<Block>>,
    },
    /// A table; its first row is the heading, and all rows are equally long.
    Table(Vec<Vec<Cell>>),
    /// Code, without the line break at its end.
    Code(String),
}

/// What stands in one place of a table.
pub type Cell = Vec<Span>;

/// Text of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it is set.
    pub style: Style,
    /// Where it leads.
    pub link: Option<Link>,
}

/// How text is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Bold.
    pub strong: bool,
    /// Italic.
    pub emphasis: bool,
    /// As typed.
    pub code: bool,
}

/// Where text leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// To a page of the help.
    Page(Topic),
    /// Out of the program.
    Web(String),
}

impl Link {
    fn new(target: &str) -> Self {
        let topic = target.strip_suffix(".md").and_then(Topic::from_name);
        topic.map_or_else(|| Self::Web(target.to_owned()), Self::Page)
    }
}

impl Page {
    /// Reads what pages are written in: headings, paragraphs, lists, tables, code, emphasis and links. Of anything
    /// else the text remains.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            reader.take(event);
        }
        let blocks = reader.finish();
        let mut page = Self::default();
        for block in blocks {
            match block {
                Block::Heading(1, spans) if page.title.is_empty() => page.title = plain(&spans),
                block => page.blocks.push(block),
            }
        }
        page.summary = summary(&page.blocks);
        page
    }
}

/// The text of some spans.
#[must_use]
pub fn plain(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

/// A stretch of text that is laid out in one piece: running text, or a link with what sticks to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that may be broken between its words.
    Text(Vec<(&'a str, Style)>),
    /// A link. Punctuation around it stays on its line.
    Link {
        /// What stands right before it, an opening bracket for example.
        before: Option<(&'a str, Style)>,
        /// Where it leads.
        link: &'a Link,
        /// What it says.
        text: String,
        /// What stands right behind it, a full stop for example.
        after: Option<(&'a str, Style)>,
    },
}

/// Text and links in their order; what touches a link is no part of the text beside it.
#[must_use]
pub fn pieces(spans: &[Span]) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for same in spans.chunk_by(|one, other| one.link == other.link) {
        let Some(link) = same.first().and_then(|span| span.link.as_ref()) else {
            let mut text: Vec<(&str, Style)> = same.iter().map(|span| (&*span.text, span.style)).collect();
            if let (Some(Piece::Link { after, .. }), Some((first, style))) =
                (pieces.last_mut(), text.first_mut())
            {
                let (touching, rest) = first.split_at(first.find(char::is_whitespace).unwrap_or(first.len()));
                *after = (!touching.is_empty()).then_some((touching, *style));
                *first = rest;
            }
            pieces.push(Piece::Text(text));
            continue;
        };
        let mut before = None;
        if let Some(Piece::Text(text)) = pieces.last_mut()
            && let Some((last, style)) = text.last_mut()
        {
            let gap = last.char_indices().rfind(|(_, c)| c.is_whitespace());
            let (rest, touching) = last.split_at(gap.map_or(0, |(at, c)| at + c.len_utf8()));
            before = (!touching.is_empty()).then_some((touching, *style));
            *last = rest;
        }
        pieces.push(Piece::Link { before, link, text: plain(same), after: None });
    }
    pieces
}

/// The first sentence of a page.
fn summary(blocks: &[Block]) -> String {
    let first = blocks.iter().find_map(|block| match block {
        Block::Paragraph(spans) => Some(plain(spans)),
        _ => None,
    });
    let text = first.unwrap_or_default();
    let end = text.find(". ").map_or(text.len(), |end| end + 1);
    text[..end].to_owned()
}

/// What is under way while a page is read.
#[derive(Default)]
struct Reader {
    /// Blocks of the page, then of each item of a list that is open.
    open: Vec<Vec<Block>>,
    /// Items of the lists that are open, with their first numbers.
    lists: Vec<(Option<u64>, Vec<Vec<Block>>)>,
    rows: Vec<Vec<Cell>>,
    spans: Vec<Span>,
    code: Option<String>,
    style: Style,
    link: Option<Link>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.push(&text, self.style),
            },
            Event::Code(text) => self.push(&text, Style { code: true, ..self.style }),
            Event::SoftBreak | Event::HardBreak => self.push(" ", self.style),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.style.strong = true,
            Tag::Emphasis => self.style.emphasis = true,
            Tag::Link { dest_url, .. } => self.link = Some(Link::new(&dest_url)),
            Tag::CodeBlock(_) => {
                self.paragraph();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                // Text of a tight item that a list follows.
                self.paragraph();
                self.lists.push((first, Vec::new()));
            }
            Tag::Item => self.open.push(Vec::new()),
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.style.strong = false,
            TagEnd::Emphasis => self.style.emphasis = false,
            TagEnd::Link => self.link = None,
            TagEnd::Heading(level) => {
                let spans = std::mem::take(&mut self.spans);
                self.block(Block::Heading(depth(level), spans));
            }
            TagEnd::Paragraph => self.paragraph(),
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.block(Block::Code(code.trim_end().to_owned()));
                }
            }
            TagEnd::Item => {
                self.paragraph();
                if let (Some(blocks), Some((_, items))) = (self.open.pop(), self.lists.last_mut()) {
                    items.push(blocks);
                }
            }
            TagEnd::List(_) => {
                if let Some((first, items)) = self.lists.pop() {
                    self.block(Block::List { first, items });
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.rows);
                self.block(Block::Table(rows));
            }
            _ => {}
        }
    }

    /// Ends running text, of which there may be none.
    fn paragraph(&mut self) {
        if !self.spans.is_empty() {
            let spans = std::mem::take(&mut self.spans);
            self.block(Block::Paragraph(spans));
        }
    }

    fn block(&mut self, block: Block) {
        if self.open.is_empty() {
            self.open.push(Vec::new());
        }
        if let Some(blocks) = self.open.last_mut() {
            blocks.push(block);
        }
    }

    /// Text joins what stands before it where both are of one kind.
    fn push(&mut self, text: &str, style: Style) {
        if let Some(last) = self.spans.last_mut().filter(|last| last.style == style && last.link == self.link)
        {
            last.text.push_str(text);
            return;
        }
        self.spans.push(Span { text: text.to_owned(), style, link: self.link.clone() });
    }

    fn finish(mut self) -> Vec<Block> {
        self.paragraph();
        self.open.into_iter().next().unwrap_or_default()
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        _ => 3,
    }
}

/// The width of each column, in characters, when all together may have `room`: narrow ones keep theirs, wide ones
/// share what is left, but none is narrower than its longest word. `long` is the length of a cell and of that word.
#[must_use]
pub fn fit<C>(rows: &[Vec<C>], room: usize, long: impl Fn(&C) -> [usize; 2]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let longest = |column: usize, which: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| long(cell)[which]).max().unwrap_or(0).max(1)
    };
    let mut widths: Vec<usize> = (0..columns).map(|column| longest(column, 0)).collect();
    let mut wide: Vec<usize> = (0..columns).collect();
    let mut left = room;
    while !wide.is_empty() {
        let share = (left / wide.len()).max(1);
        let (settled, still): (Vec<usize>, Vec<usize>) =
            wide.iter().partition(|column| widths[**column] <= share || longest(**column, 1) > share);
        if settled.is_empty() {
            for column in still {
                widths[column] = share;
            }
            break;
        }
        for column in settled {
            if widths[column] > share {
                widths[column] = longest(column, 1);
            }
            left = left.saturating_sub(widths[column]);
        }
        wide = still;
    }
    widths
}

/// The length of a text and of its longest word, in characters.
#[must_use]
pub fn lengths(text: &str) -> [usize; 2] {
    [text.chars().count(), text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0)]
}
