//! Checks the sources against the map and the invariants in `src/lib.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "architecture/circles.rs"]
mod circles;

use std::fs;
use std::path::{Path, PathBuf};

use circles::{Modules, circles};

/// The rooms from top to bottom, as `lib.rs` draws them: a room uses itself and those of earlier lines. Rooms of one
/// line stand side by side and do not know each other.
const MAP: &[&[&str]] = &[
    &["progress", "random", "files", "on_disk", "wording", "help"],
    &["data", "kernel"],
    &["model"],
    &["sampling"],
    &["uncertainty"],
    &["export"],
    &["shown"],
    &["worker", "cli"],
    &["gui"],
];

/// Rooms that know no window, no thread of their own and no channel.
const QUIET: &[&str] = &[
    "progress",
    "random",
    "files",
    "on_disk",
    "wording",
    "help",
    "data",
    "kernel",
    "model",
    "sampling",
    "uncertainty",
    "export",
    "shown",
];

/// One source file.
struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
    /// Code with comments, strings and test modules blanked; lines keep their numbers.
    code: String,
}

impl Source {
    /// The room it belongs to: its folder, or its own name at the top.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether all of it is test code.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 10, "the sources are under {}", root.display());
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name: Vec<_> =
                path.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
            Source { path: name.join("/"), code: without_tests(&blank(&text)), text }
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Replaces comments and the contents of strings and character literals by spaces.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let keep_lines = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < chars.len() {
        let word_before = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
        let end = if starts(at, "//") {
            (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len())
        } else if starts(at, "/*") {
            let mut depth = 0;
            let mut i = at;
            loop {
                if starts(i, "/*") {
                    depth += 1;
                    i += 2;
                } else if starts(i, "*/") {
                    depth -= 1;
                    i += 2;
                } else {
                    i += 1;
                }
                if depth == 0 || i >= chars.len() {
                    break i.min(chars.len());
                }
            }
        } else if let Some((open, hashes)) = raw_string(&chars, at).filter(|_| !word_before) {
            let close: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            (open..chars.len()).find(|i| starts(*i, &close)).map_or(chars.len(), |i| i + close.len())
        } else if chars[at] == '"' {
            let mut i = at + 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            (i + 1).min(chars.len())
        } else if chars[at] == '\'' && chars.get(at + 1) == Some(&'\\') {
            // After the escaped character, which may itself be a quote.
            (at + 3..chars.len()).find(|i| chars[*i] == '\'').map_or(chars.len(), |i| i + 1)
        } else if chars[at] == '\'' && chars.get(at + 2) == Some(&'\'') {
            at + 3
        } else {
            out.push(chars[at]);
            at += 1;
            continue;
        };
        out.extend(chars[at..end].iter().map(|c| keep_lines(*c)));
        at = end;
    }
    out
}

/// Where the contents of a raw string that starts here begin, and its number of `#`.
fn raw_string(chars: &[char], at: usize) -> Option<(usize, usize)> {
    let mut i = at;
    if chars.get(i) == Some(&'b') {
        i += 1;
    }
    if chars.get(i) != Some(&'r') {
        return None;
    }
    i += 1;
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    (chars.get(i + hashes) == Some(&'"')).then_some((i + hashes + 1, hashes))
}

/// Blanks items after `#[cfg(test)]`, whose braces are balanced once strings are blanked.
fn without_tests(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        let (before, item) = rest.split_at(start);
        out.push_str(before);
        let mut depth = 0;
        let mut end = item.len();
        for (i, c) in item.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if (c == '}' || c == ';') && depth == 0 {
                end = i + 1;
                break;
            }
        }
        out.extend(item[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

/// Whether `word` stands in `line` as a whole path, not as part of a longer name.
fn names(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_name) && !line[at + word.len()..].starts_with(part_of_name)
    })
}

/// Lines of the code that name one of these words.
fn naming(source: &Source, words: &[&str]) -> Vec<String> {
    let lines = source.code.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let word = words.iter().find(|word| names(line, word))?;
            Some(format!("src/{}:{}: {word}", source.path, number + 1))
        })
        .collect()
}

/// Rooms that the code names through `crate::`, with their line, also within `crate::{…}`.
fn rooms_used(code: &str) -> Vec<(usize, String)> {
    let name = |text: &str| {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut used = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            used.push((line, name(rest)));
            continue;
        };
        let mut depth = 1;
        let mut expects_name = true;
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => expects_name = true,
                c if expects_name && !c.is_whitespace() => {
                    used.push((line, name(&group[i..])));
                    expects_name = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    used
}

fn assert_none(offences: &[String], rule: &str) {
    assert!(offences.is_empty(), "{rule}:\n{}", offences.join("\n"));
}

#[test]
fn data_flows_down_the_map() {
    let line_of = |room: &str| MAP.iter().position(|line| line.contains(&room));
    let mut offences = Vec::new();
    for source in sources() {
        let room = source.room().to_string();
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(own) = line_of(&room) else {
            offences.push(format!("src/{}: the room {room} is not on the map", source.path));
            continue;
        };
        for (line, used) in rooms_used(&source.code) {
            // Anything else is an item of the crate's root, of which there are none, or a macro of a higher room.
            let allowed = used == room || line_of(&used).is_some_and(|line| line < own);
            if !allowed {
                offences.push(format!("src/{}:{line}: {room} uses {used}", source.path));
            }
        }
    }
    assert_none(&offences, "a room uses itself and the rooms above it in src/lib.rs");
}

/// The modules of the program. What stands in `main.rs` is another crate.
fn modules(sources: &[Source]) -> Modules {
    let files = sources.iter().filter(|source| !source.is_test() && source.path != "main.rs");
    Modules::read(files.map(|source| (source.path.as_str(), source.code.as_str())))
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let sources = sources();
    let modules = modules(&sources);
    let uses = modules.uses();
    let mut offences = Vec::new();
    for circle in circles(&uses) {
        offences.push(format!("{} files: {}", circle.len(), circle.join(", ")));
        for ((from, to), reasons) in &uses {
            if circle.contains(from) && circle.contains(to) {
                let (line, path) = &reasons[0];
                offences.push(format!("    src/{from}:{line} uses {to}: {path}"));
            }
        }
    }
    assert_none(&offences, "files are read in an order in which each is understood from those before it");
}

#[test]
fn no_path_leaves_its_room_through_super() {
    let leaving = modules(&sources()).leaving();
    assert_none(&leaving, "another room is named through `crate::`, so that the map is seen to be kept");
}

#[test]
fn every_room_is_declared_and_on_the_map() {
    let sources = sources();
    let root = sources.iter().find(|source| source.path == "lib.rs").unwrap();
    let mut declared: Vec<&str> = root
        .code
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    let mut rooms: Vec<&str> =
        sources.iter().map(Source::room).filter(|r| !["lib", "main"].contains(r)).collect();
    rooms.dedup();
    rooms.sort_unstable();
    assert_eq!(declared, rooms, "src/lib.rs declares the rooms there are");
}

#[test]
fn the_rooms_of_the_work_know_no_window_thread_or_channel() {
    let banned = ["egui", "eframe", "egui_plot", "rfd", "thread", "mpsc", "crossbeam"];
    let offences: Vec<_> = sources()
        .iter()
        .filter(|source| QUIET.contains(&source.room()) && !source.is_test())
        .flat_map(|source| naming(source, &banned))
        .collect();
    assert_none(&offences, "data … shown know no window, no thread of their own and no channel");
}

#[test]
fn views_read_plain_data_and_emit_actions() {
    let banned = ["candle_core", "candle_nn", "rfd", "thread", "mpsc", "channel", "Sender", "Receiver"];
    let offences: Vec<_> = sources()
        .iter()
        .filter(|source| source.path.starts_with("gui/views"))
        .flat_map(|source| naming(source, &banned))
        .collect();
    assert_none(&offences, "gui::views know no tensor, no file dialog, no thread and no channel");
}

#[test]
fn entropy_is_computed_in_one_place() {
    // The windows and the files show measures; a logarithm of a probability there would be a second definition.
    let offences: Vec<_> = sources()
        .iter()
        .filter(|source| ["export", "shown", "worker", "gui", "cli"].contains(&source.room()))
        // The growth of time is an exponent: its logarithms are of ratios of times.
        .filter(|source| !source.is_test() && !source.path.starts_with("cli/bench/"))
        .flat_map(|source| naming(source, &["ln", "log2", "xlogy"]))
        .collect();
    assert_none(&offences, "measures are computed in src/uncertainty");
}

#[test]
fn the_factor_of_an_interval_is_stated_in_one_place() {
    let offences: Vec<_> = sources()
        .iter()
        .filter(|source| !source.is_test() && source.path != "uncertainty/noise.rs")
        .flat_map(|source| naming(source, &["1.96", "1.959_963_985", "1.96_f32", "1.959_963_985_f64"]))
        .collect();
    assert_none(&offences, "what noise could have made is judged by src/uncertainty/noise.rs");
}

#[test]
fn only_main_ends_the_process() {
    let banned = ["process::exit", "process::abort"];
    let offences: Vec<_> = sources()
        .iter()
        .filter(|source| source.path != "main.rs")
        .flat_map(|source| naming(source, &banned))
        .collect();
    assert_none(&offences, "only main ends the process");
}

#[test]
fn there_is_no_unsafe_and_nothing_panics_on_purpose() {
    let banned = ["unsafe"];
    let calls = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "dbg!("];
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        offences.extend(naming(source, &banned));
        for (number, line) in source.code.lines().enumerate() {
            if let Some(call) = calls.iter().find(|call| line.contains(*call)) {
                offences.push(format!("src/{}:{}: {call}", source.path, number + 1));
            }
        }
    }
    assert_none(&offences, "errors are values outside tests");
}

#[test]
fn every_file_has_one_purpose_and_says_it() {
    const LONGEST: usize = 600;
    // The tests of a room stand in one file, which grows with its cases.
    const LONGEST_TESTS: usize = 800;
    let mut offences = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let longest = if source.is_test() { LONGEST_TESTS } else { LONGEST };
        if lines > longest {
            offences.push(format!("src/{}: {lines} lines; split it at {longest}", source.path));
        }
        if !source.text.starts_with("//! ") {
            offences.push(format!("src/{}: has no first line of //! that says its purpose", source.path));
        }
    }
    assert_none(&offences, "a file has one purpose and says it");
}

/// What a small crate's files use, as `from > to`.
fn uses_of(files: &[(&str, &str)]) -> (Modules, Vec<String>) {
    let modules = Modules::read(files.iter().copied());
    let uses = modules.uses().keys().map(|(from, to)| format!("{from} > {to}")).collect();
    (modules, uses)
}

#[test]
fn the_reader_of_paths_follows_re_exports_to_the_file_that_defines_an_item() {
    let (modules, uses) = uses_of(&[
        ("lib.rs", "pub mod gui; pub mod data;"),
        (
            "gui/mod.rs",
            "mod state; mod action; mod view; pub use state::{State, part::Part as Piece}; pub const SIDE: u8 = 1;",
        ),
        (
            "gui/state.rs",
            "pub mod part; use super::action::{self, Action}; pub struct State(Action); impl State { fn go() { action::go() } }",
        ),
        // The room gives the item another name; the constant is the room's own.
        ("gui/action.rs", "pub enum Action {} pub fn go() { super::Piece::new(crate::gui::SIDE) }"),
        (
            "gui/state/part.rs",
            "pub struct Part; fn f<T: std::fmt::Debug>() { crate::data::idx::read::<T>() }",
        ),
        ("gui/view.rs", "use super::*; fn view(state: &State) { state.part.action() }"),
        (
            "data/mod.rs",
            "pub mod idx { pub fn read() { super::source::Source::new() } } pub mod source; pub use source::*;",
        ),
        (
            "data/source.rs",
            "pub struct Source; use crate::gui::state as here; fn f() -> here::State { super::super::gui::SIDE }",
        ),
    ]);
    let expected = [
        "data/mod.rs > data/source.rs",
        "data/source.rs > gui/mod.rs",
        "data/source.rs > gui/state.rs",
        "gui/action.rs > gui/mod.rs",
        "gui/action.rs > gui/state/part.rs",
        "gui/mod.rs > gui/state.rs",
        "gui/mod.rs > gui/state/part.rs",
        "gui/state.rs > gui/action.rs",
        "gui/state/part.rs > data/mod.rs",
        "gui/view.rs > gui/state.rs",
    ];
    assert_eq!(uses, expected);
    assert_eq!(modules.leaving(), ["src/data/source.rs:1: super::super::gui::SIDE"]);
    // A re-export by itself closes no circle; the room's own constant, which a file below needs, does.
    let circle =
        ["data/mod.rs", "data/source.rs", "gui/action.rs", "gui/mod.rs", "gui/state.rs", "gui/state/part.rs"];
    assert_eq!(circles(&modules.uses()), [circle]);
}

#[test]
fn a_folder_that_only_declares_and_re_exports_is_in_no_circle() {
    let files = |state| {
        [
            ("gui/mod.rs", "mod state; mod action; pub use state::State; pub use action::Action;"),
            ("gui/state.rs", state),
            ("gui/action.rs", "use super::State; pub struct Action(State);"),
        ]
    };
    let (modules, _) = uses_of(&files("pub struct State;"));
    assert!(circles(&modules.uses()).is_empty());
    let (modules, _) = uses_of(&files("pub struct State(Vec<super::Action>);"));
    assert_eq!(circles(&modules.uses()), [["gui/action.rs", "gui/state.rs"]]);
}

#[test]
fn the_reader_of_sources_sees_through_comments_strings_and_tests() {
    let text = r##"
use crate::{data::Digits, model::{Lenet, crate_like}, gui}; // use crate::cli;
const A: &str = "crate::worker \" unsafe"; /* crate::export /* nested */ unsafe */
const B: &str = r#"unsafe " crate::x"#;
const C: (char, char, u8) = ('"', '\'', b'"');
fn lifetime<'a>(x: &'a str) -> &'a str { crate::random::mix(x) }
#[cfg(test)]
mod tests {
    use crate::uncertainty;
}
fn after() { crate::progress::go() }
"##;
    let code = without_tests(&blank(text));
    let rooms: Vec<_> = rooms_used(&code);
    let expected = [(2, "data"), (2, "model"), (2, "gui"), (6, "random"), (11, "progress")];
    assert_eq!(rooms, expected.map(|(line, room)| (line, room.to_string())));
    assert!(!code.contains("unsafe"));
    assert_eq!(code.lines().count(), text.lines().count());
    assert!(names("std::thread::spawn", "thread") && !names("threads", "thread"));
}
