//! `dubito help`: the pages of the help as text, and what each command offers.

use std::io::{self, IsTerminal as _, Write};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Failure;
use super::steps::print;
use crate::help::{Block, Link, Page, Span, Topic, fit, lengths};

/// Characters in a line: more read badly, and no terminal of today has fewer columns.
const WIDTH: usize = 80;

/// Options of `dubito help`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// A page of the help or a command; without it, a list of both
    #[arg(value_name = "TOPIC", value_parser = PossibleValuesParser::new(names()), hide_possible_values = true)]
    topic: Option<String>,
}

/// The commands of the program, by name.
const COMMANDS: [&str; 11] = [
    "rank", "export", "explain", "rotate", "predict", "train", "evaluate", "data", "bench", "network", "help",
];

fn names() -> impl Iterator<Item = &'static str> {
    Topic::ALL.into_iter().map(Topic::name).chain(COMMANDS)
}

/// Shows a page, the help of a command of `root`, or the list of both.
pub(super) fn run(options: &Options, mut root: clap::Command) -> Result<(), Failure> {
    let Some(name) = &options.topic else { return print(|writer| write_topics(writer, &root)) };
    if let Some(topic) = Topic::from_name(name) {
        return print(|writer| write_page(writer, topic.page()));
    }
    root.build();
    let Some(command) = root.find_subcommand_mut(name) else {
        return print(|writer| write_topics(writer, &root));
    };
    let help = command.render_long_help();
    let colours = io::stdout().is_terminal();
    print(|writer| if colours { write!(writer, "{}", help.ansi()) } else { write!(writer, "{help}") })
}

fn write_topics(writer: &mut dyn Write, root: &clap::Command) -> io::Result<()> {
    let width = names().map(str::len).max().unwrap_or(0);
    writeln!(writer, "Pages, read with dubito help TOPIC, and in the window with F1:\n")?;
    for topic in Topic::ALL {
        writeln!(writer, "  {:width$}  {}", topic.name(), topic.title())?;
    }
    writeln!(writer, "\nCommands, whose options dubito help COMMAND lists:\n")?;
    for name in COMMANDS {
        let about = root.find_subcommand(name).and_then(clap::Command::get_about);
        writeln!(writer, "  {name:width$}  {}", about.map(ToString::to_string).unwrap_or_default())?;
    }
    Ok(())
}

fn write_page(writer: &mut dyn Write, page: &Page) -> io::Result<()> {
    underlined(writer, &page.title, '=')?;
    for block in &page.blocks {
        writeln!(writer)?;
        write_block(writer, block, "", "")?;
    }
    Ok(())
}

fn underlined(writer: &mut dyn Write, text: &str, line: char) -> io::Result<()> {
    let below: String = std::iter::repeat_n(line, text.chars().count()).collect();
    writeln!(writer, "{text}\n{below}")
}

/// Writes a block, its first line behind `first` and the others behind `rest`, which is as wide.
fn write_block(writer: &mut dyn Write, block: &Block, first: &str, rest: &str) -> io::Result<()> {
    let room = WIDTH.saturating_sub(rest.chars().count());
    match block {
        Block::Heading(2, spans) => underlined(writer, &said(spans), '-'),
        Block::Heading(_, spans) => writeln!(writer, "{}", said(spans)),
        Block::Paragraph(spans) => {
            for (at, line) in wrapped(&said(spans), room).iter().enumerate() {
                writeln!(writer, "{}{line}", if at == 0 { first } else { rest })?;
            }
            Ok(())
        }
        Block::Code(code) => {
            for line in code.lines() {
                writeln!(writer, "{}", format!("{rest}    {line}").trim_end())?;
            }
            Ok(())
        }
        Block::List { first: number, items } => {
            for (at, item) in (0_u64..).zip(items) {
                let bullet = number.map_or_else(|| "- ".to_owned(), |first| format!("{}. ", first + at));
                let hang = format!("{rest}{}", " ".repeat(bullet.len()));
                for (part, block) in item.iter().enumerate() {
                    let begin = if part == 0 { format!("{rest}{bullet}") } else { hang.clone() };
                    write_block(writer, block, &begin, &hang)?;
                }
            }
            Ok(())
        }
        Block::Table(rows) => {
            let rows: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|cell| said(cell)).collect()).collect();
            write_table(writer, &rows, room)
        }
    }
}

/// Text between columns.
const GAP: &str = "  ";

fn write_table(writer: &mut dyn Write, rows: &[Vec<String>], room: usize) -> io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let widths = fit(rows, room.saturating_sub(GAP.len() * columns.saturating_sub(1)), |cell| lengths(cell));
    let tall =
        rows.iter().any(|row| row.iter().zip(&widths).any(|(cell, width)| cell.chars().count() > *width));
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<Vec<String>> =
            row.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width)).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut text = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                let part = cell.get(line).map_or("", String::as_str);
                text.push_str(part);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(part.chars().count())));
                text.push_str(GAP);
            }
            writeln!(writer, "{}", text.trim_end())?;
        }
        if number == 0 {
            let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            writeln!(writer, "{}", lines.join(GAP))?;
        } else if tall && number + 1 < rows.len() {
            // Rows of several lines are told apart by an empty one.
            writeln!(writer)?;
        }
    }
    Ok(())
}

/// Text as it stands in a terminal: code between backticks, and behind a link where it leads.
fn said(spans: &[Span]) -> String {
    let mut text = String::new();
    for (at, span) in spans.iter().enumerate() {
        if span.style.code {
            text.push('`');
            text.push_str(&span.text);
            text.push('`');
        } else {
            text.push_str(&span.text);
        }
        // A link may be of several kinds of text.
        let ends = spans.get(at + 1).is_none_or(|next| next.link != span.link);
        match &span.link {
            Some(Link::Page(topic)) if ends => {
                text.extend([" (dubito help ", topic.name(), ")"]);
            }
            Some(Link::Web(address)) if ends && *address != span.text => {
                text.extend([" (", address.as_str(), ")"]);
            }
            _ => {}
        }
    }
    text
}

/// Lines of at most so many characters, broken at blanks; a longer word has a line to itself.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let size = word.chars().count();
        if length > 0 && length + 1 + size > width {
            lines.push(String::new());
            length = 0;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += size;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use crate::cli::Arguments;

    use super::*;

    fn shown(topic: Topic) -> String {
        let mut out = Vec::new();
        write_page(&mut out, topic.page()).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Lines of the shell in a page that call the program, without remarks and what follows a pipe.
    fn commands(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut shell = false;
        for line in text.lines().map(str::trim) {
            if let Some(language) = line.strip_prefix("```") {
                shell = language == "sh";
            } else if shell && line.starts_with("dubito") {
                let call = line.split(" #").next().unwrap_or(line);
                found.push(call.split(['|', '>']).next().unwrap_or(call).trim().to_owned());
            }
        }
        // And in running text: `dubito help`.
        for (at, code) in text.split('`').enumerate() {
            if at % 2 == 1 && code.starts_with("dubito ") && !code.contains('\n') {
                found.push(code.to_owned());
            }
        }
        found
    }

    #[test]
    fn every_command_in_the_pages_and_the_readme_is_one() {
        let mut pages: Vec<(&str, &str)> =
            Topic::ALL.into_iter().map(|topic| (topic.name(), topic.text())).collect();
        pages.push(("README", include_str!("../../README.md")));
        let mut seen = 0;
        for (name, text) in pages {
            for line in commands(text) {
                let words = line.split_whitespace();
                // What a person fills in stands in capitals.
                let placeholder = line.contains("TOPIC") || line.contains("COMMAND");
                let parsed = Arguments::try_parse_from(words);
                assert!(parsed.is_ok() || placeholder, "{name}: {line}: {}", parsed.unwrap_err());
                seen += 1;
            }
        }
        assert!(seen > 30, "{seen} commands");
    }

    #[test]
    fn pages_and_commands_share_no_name_and_all_commands_are_listed() {
        let root = Arguments::command();
        let mut there: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
        let mut listed = COMMANDS.to_vec();
        there.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, there);
        assert!(Topic::ALL.into_iter().all(|topic| !COMMANDS.contains(&topic.name())));
    }

    #[test]
    fn every_topic_can_be_asked_for_and_is_listed() {
        let mut list = Vec::new();
        write_topics(&mut list, &Arguments::command()).unwrap();
        let list = String::from_utf8(list).unwrap();
        for topic in Topic::ALL {
            assert!(Arguments::try_parse_from(["dubito", "help", topic.name()]).is_ok());
            assert!(list.contains(topic.name()) && list.contains(topic.title()), "{}", topic.name());
        }
    }

    #[test]
    fn pages_fit_a_terminal_and_end_no_line_in_blanks() {
        for topic in Topic::ALL {
            for line in shown(topic).lines() {
                assert_eq!(line, line.trim_end(), "{}", topic.name());
                // Code stays as it is written, and an address or a name is not broken.
                let breakable =
                    !line.starts_with("    ") && line.trim().contains(' ') && !line.contains("https://");
                let long = line.chars().count();
                assert!(long <= WIDTH || !breakable, "{}: {long}: {line}", topic.name());
            }
        }
    }

    #[test]
    fn text_lists_and_tables_are_set_out() {
        let page = Page::read(
            "# T\n\n## Part\n\nSee [*why* so](why.md) and `x`.\n\n1. one\n   - deep\n\n```sh\nrun\n```\n\n| a | b |\n|---|---|\n| long | 2 |\n",
        );
        let mut out = Vec::new();
        write_page(&mut out, &page).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "T\n=\n\nPart\n----\n\nSee why so (dubito help why) and `x`.\n\n1. one\n   - deep\n\n    run\n\na     b\n----  -\nlong  2\n"
        );
    }
}
