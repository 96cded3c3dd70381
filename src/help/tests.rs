//! What the pages promise: that they are read whole, that their links lead somewhere, that what they name exists.

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::page::{Block, Piece, pieces};
use super::{Link, Page, Span, Topic, fit};

const README: &str = include_str!("../../README.md");

/// All spans of some blocks.
fn spans(blocks: &[Block]) -> Vec<&Span> {
    blocks
        .iter()
        .flat_map(|block| match block {
            Block::Heading(_, spans) | Block::Paragraph(spans) => spans.iter().collect::<Vec<_>>(),
            Block::List { items, .. } => items.iter().flat_map(|item| self::spans(item)).collect(),
            Block::Table(rows) => rows.iter().flatten().flatten().collect(),
            Block::Code(_) => Vec::new(),
        })
        .collect()
}

#[test]
fn topics_are_listed_as_they_are_declared_and_named_as_their_files() {
    for (place, topic) in Topic::ALL.into_iter().enumerate() {
        assert_eq!(topic as usize, place, "{}", topic.name());
        assert_eq!(Topic::from_name(topic.name()), Some(topic));
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/help").join(format!("{}.md", topic.name()));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), topic.text(), "{}", file.display());
        assert!(!topic.title().is_empty(), "{} begins with a heading", topic.name());
    }
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/help")).unwrap();
    let pages = files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "md"));
    assert_eq!(pages.count(), Topic::ALL.len(), "every file is a topic");
}

#[test]
fn pages_use_only_what_is_shown() {
    for topic in Topic::ALL {
        for event in Parser::new_ext(topic.text(), Options::all()) {
            let shown = match &event {
                Event::Start(tag) => matches!(
                    tag,
                    Tag::Paragraph
                        | Tag::Heading { .. }
                        | Tag::CodeBlock(_)
                        | Tag::List(_)
                        | Tag::Item
                        | Tag::Table(_)
                        | Tag::TableHead
                        | Tag::TableRow
                        | Tag::TableCell
                        | Tag::Emphasis
                        | Tag::Strong
                        | Tag::Link { .. }
                ),
                Event::End(_) | Event::Text(_) | Event::Code(_) | Event::SoftBreak => true,
                _ => false,
            };
            assert!(shown, "{}: {event:?}", topic.name());
        }
    }
}

#[test]
fn nothing_of_a_page_is_lost_on_the_way() {
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    for topic in Topic::ALL {
        let page = topic.page();
        let mut read = page.title.clone();
        collect(&page.blocks, &mut read);
        let mut written = String::new();
        for event in Parser::new_ext(topic.text(), Options::ENABLE_TABLES) {
            if let Event::Text(text) | Event::Code(text) = event {
                written.push_str(&text);
            }
        }
        assert_eq!(words(&read), words(&written), "{}", topic.name());
    }
}

fn collect(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Code(code) => out.push_str(code),
            Block::List { items, .. } => items.iter().for_each(|item| collect(item, out)),
            block => spans(std::slice::from_ref(block)).iter().for_each(|span| out.push_str(&span.text)),
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut reached = vec![Topic::ALL[0]];
    for topic in Topic::ALL {
        for span in spans(&topic.page().blocks) {
            match &span.link {
                Some(Link::Web(address)) => {
                    assert!(address.starts_with("https://"), "{}: {address} is no page", topic.name());
                }
                Some(Link::Page(page)) => reached.push(*page),
                None => {}
            }
        }
    }
    for topic in Topic::ALL {
        assert!(reached.contains(&topic), "{} is linked from another page", topic.name());
    }
}

#[test]
fn the_readme_links_every_page_and_only_files_there_are() {
    let mut links = Vec::new();
    for event in Parser::new_ext(README, Options::ENABLE_TABLES) {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
            links.push(dest_url.to_string());
        }
    }
    for link in links.iter().filter(|link| !link.starts_with("https://")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "{link}");
    }
    for topic in Topic::ALL {
        let file = format!("src/help/{}.md", topic.name());
        assert!(links.contains(&file), "{file} is linked");
    }
}

#[test]
fn every_test_that_a_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for (name, text) in
        Topic::ALL.map(|topic| (topic.name(), topic.text())).into_iter().chain([("README", README)])
    {
        for (at, option) in text.match_indices("--test ") {
            let rest = text[at + option.len()..].trim_start();
            let test: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let files = [format!("tests/{test}.rs"), format!("tests/{test}/main.rs")];
            let picture = format!("tests/pictures/tests/{test}.rs");
            let there = files.iter().chain([&picture]).any(|file| root.join(file).exists());
            assert!(there || test == "NAME", "{name}: there is no test {test:?}");
            seen += 1;
        }
    }
    assert!(seen > 3);
}

#[test]
fn blocks_are_what_the_markdown_says() {
    let page = Page::read(
        "# Title\n\nSome **bold** text\nand [a `page`](why.md).\n\n## Part\n\n- one\n- two\n\n  ```sh\n  code\n  ```\n\n3. x\n\n| a | b |\n|---|---|\n| 1 | |\n",
    );
    assert_eq!(page.title, "Title");
    let [Block::Paragraph(text), Block::Heading(2, _), list, numbered, Block::Table(rows)] = &page.blocks[..]
    else {
        panic!("{page:?}")
    };
    let kinds: Vec<_> = text
        .iter()
        .map(|span| (span.text.as_str(), span.style.strong, span.style.code, span.link.is_some()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("Some ", false, false, false),
            ("bold", true, false, false),
            (" text and ", false, false, false),
            ("a ", false, false, true),
            ("page", false, true, true),
            (".", false, false, false)
        ]
    );
    assert_eq!(text[4].link, Some(Link::Page(Topic::Why)));
    let Block::List { first: None, items } = list else { panic!("{list:?}") };
    assert_eq!(items.len(), 2);
    assert_eq!(items[1][1], Block::Code("code".to_owned()));
    assert!(matches!(numbered, Block::List { first: Some(3), .. }));
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    assert!(rows[1][1].is_empty());
}

#[test]
fn narrow_columns_keep_their_width_and_wide_ones_share_the_rest() {
    let rows = [vec![3, 40, 100], vec![5, 10, 20]];
    let long = |cell: &usize| [*cell, 1];
    assert_eq!(fit(&rows, 200, long), [5, 40, 100]);
    assert_eq!(fit(&rows, 105, long), [5, 40, 60]);
    assert_eq!(fit(&rows, 65, long), [5, 30, 30]);
    assert_eq!(fit(&rows, 2, long), [1, 1, 1], "never nothing");
    assert_eq!(fit(&rows, 65, |cell| [*cell, cell / 2]), [5, 20, 50], "nor less than a word");
    assert!(fit(&Vec::<Vec<usize>>::new(), 10, long).is_empty());
}

#[test]
fn what_touches_a_link_is_no_part_of_the_text_beside_it() {
    let page = Page::read("See (the [method](method.md)), or [a](a.md)/[b](b.md). Then");
    let [Block::Paragraph(spans)] = page.blocks.as_slice() else { panic!("{page:?}") };
    let told: Vec<String> = pieces(spans)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.into_iter().map(|(text, _)| text).collect(),
            Piece::Link { before, text, after, .. } => {
                let [before, after] = [before, after].map(|beside| beside.map_or("", |(text, _)| text));
                format!("{before}<{text}>{after}")
            }
        })
        .collect();
    assert_eq!(told, ["See (the ", "<method>),", " or ", "<a>/", "", "<b>.", " Then"]);
}
