//! Which file uses which: read from `use` and from paths, through re-exports, down to the file that defines the item.

#![allow(unreachable_pub, reason = "all of it is test code")]

use std::collections::{BTreeMap, BTreeSet};

/// A word, a `::`, or any other character that is no blank.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Other(char),
}

/// A `use` of one name: `crate::a::B as C`, `super::*`.
#[derive(Clone, Debug)]
struct Import {
    path: Vec<String>,
    /// What it is called here; `None` for a glob.
    name: Option<String>,
    line: usize,
}

/// What one file declares and names.
#[derive(Debug, Default)]
struct Module {
    /// Index of its file among the sources.
    file: usize,
    /// Its items, modules in it that are no files of their own among them.
    items: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths of at least two segments outside `use`, with their lines.
    paths: Vec<(Vec<String>, usize)>,
    words: BTreeSet<String>,
}

/// A use: the line, and the path as it is written.
pub type Reason = (usize, String);

/// The modules of a crate that are files.
#[derive(Debug)]
pub struct Modules {
    files: Vec<String>,
    modules: BTreeMap<Vec<String>, Module>,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// A module that is a file.
    Module(Vec<String>),
    /// An item in a module's file.
    Item(Vec<String>),
    /// Something of another crate.
    Outside,
}

impl Modules {
    /// Reads files: paths below `src` and their code, without comments, strings and tests.
    pub fn read<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut read = Self { files: Vec::new(), modules: BTreeMap::new() };
        for (path, code) in sources {
            let mut module = parse(&tokens(code));
            module.file = read.files.len();
            read.files.push(path.to_owned());
            read.modules.insert(name_of(path), module);
        }
        read
    }

    /// Which file uses which, and where, each by its path below `src`.
    pub fn uses(&self) -> BTreeMap<(&str, &str), Vec<Reason>> {
        let mut uses: BTreeMap<_, Vec<Reason>> = BTreeMap::new();
        for (own, module) in &self.modules {
            let imported = module.imports.iter().filter(|import| import.name.is_some());
            let imported = imported.map(|import| (&import.path, import.line));
            let named = module.paths.iter().map(|(path, line)| (path, *line));
            for (path, line) in imported.chain(named) {
                if let Target::Item(target) = self.resolve(own, path, &mut Vec::new()) {
                    self.add(&mut uses, module, &target, (line, path.join("::")));
                }
            }
            for import in module.imports.iter().filter(|import| import.name.is_none()) {
                for word in &module.words {
                    let path: Vec<String> = import.path.iter().chain([word]).cloned().collect();
                    if let Target::Item(target) = self.resolve(own, &path, &mut Vec::new())
                        && !module.items.contains(word)
                        && self.exports(&target, word)
                    {
                        self.add(&mut uses, module, &target, (import.line, path.join("::")));
                    }
                }
            }
        }
        uses
    }

    /// `super::` paths that reach the crate's root: they name another room, or none.
    pub fn leaving(&self) -> Vec<String> {
        let mut leaving = Vec::new();
        for (own, module) in &self.modules {
            let imported = module.imports.iter().map(|import| (&import.path, import.line));
            let named = module.paths.iter().map(|(path, line)| (path, *line));
            for (path, line) in imported.chain(named) {
                let up = path
                    .iter()
                    .skip_while(|part| *part == "self")
                    .take_while(|part| *part == "super")
                    .count();
                if up > 0 && up >= own.len() {
                    leaving.push(format!("src/{}:{line}: {}", self.files[module.file], path.join("::")));
                }
            }
        }
        leaving
    }

    fn add<'a>(
        &'a self,
        uses: &mut BTreeMap<(&'a str, &'a str), Vec<Reason>>,
        from: &Module,
        to: &[String],
        reason: Reason,
    ) {
        let to = self.modules[to].file;
        if from.file != to {
            uses.entry((&self.files[from.file], &self.files[to])).or_default().push(reason);
        }
    }

    fn exports(&self, module: &[String], name: &str) -> bool {
        self.modules[module].items.contains(name)
    }

    /// Follows a path that stands in the file of module `own`. `seen` holds what is being followed: a circle of
    /// re-exports ends.
    fn resolve(&self, own: &[String], path: &[String], seen: &mut Vec<(Vec<String>, Vec<String>)>) -> Target {
        let key = (own.to_vec(), path.to_vec());
        if seen.contains(&key) {
            return Target::Outside;
        }
        seen.push(key);
        let target = self.follow(own, path, seen);
        seen.pop();
        target
    }

    fn follow(&self, own: &[String], path: &[String], seen: &mut Vec<(Vec<String>, Vec<String>)>) -> Target {
        let mut at = own.to_vec();
        let mut rest = path;
        let mut first = true;
        while let Some((part, after)) = rest.split_first() {
            match part.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop();
                }
                name => {
                    let mut child = at.clone();
                    child.push(name.to_owned());
                    if self.modules.contains_key(&child) {
                        at = child;
                    } else {
                        return match self.member(&at, name, seen) {
                            Target::Module(module) => {
                                let mut from_there = vec!["self".to_owned()];
                                from_there.extend_from_slice(after);
                                self.resolve(&module, &from_there, seen)
                            }
                            // An associated item, a variant, an item of an inline module: in the same file.
                            Target::Item(module) => Target::Item(module),
                            Target::Outside if first => Target::Outside,
                            // Not understood, as what a macro makes: it stands where it is looked for.
                            Target::Outside => Target::Item(at),
                        };
                    }
                }
            }
            first = false;
            rest = after;
        }
        Target::Module(at)
    }

    /// What a name of a module's file means, that is no module of its own.
    fn member(&self, module: &[String], name: &str, seen: &mut Vec<(Vec<String>, Vec<String>)>) -> Target {
        let Some(read) = self.modules.get(module) else { return Target::Outside };
        if read.items.contains(name) {
            return Target::Item(module.to_vec());
        }
        if let Some(import) = read.imports.iter().find(|import| import.name.as_deref() == Some(name)) {
            return self.resolve(module, &import.path, seen);
        }
        for glob in read.imports.iter().filter(|import| import.name.is_none()) {
            let Target::Module(from) = self.resolve(module, &glob.path, seen) else { continue };
            let path = ["self".to_owned(), name.to_owned()];
            match self.resolve(&from, &path, seen) {
                Target::Item(found) if !self.exports(&found, name) => {}
                Target::Outside => {}
                found => return found,
            }
        }
        Target::Outside
    }
}

/// Groups of files that use each other in a circle: each file reaches each other one of its group.
pub fn circles<'a>(uses: &BTreeMap<(&'a str, &'a str), Vec<Reason>>) -> Vec<Vec<&'a str>> {
    let mut reached: BTreeMap<&str, BTreeSet<&'a str>> = BTreeMap::new();
    for (from, to) in uses.keys() {
        reached.entry(from).or_default().insert(to);
    }
    let direct = reached.clone();
    for found in reached.values_mut() {
        let mut open: Vec<_> = found.iter().copied().collect();
        while let Some(file) = open.pop() {
            for next in direct.get(file).into_iter().flatten() {
                if found.insert(next) {
                    open.push(next);
                }
            }
        }
    }
    let mut circles: BTreeSet<Vec<&'a str>> = BTreeSet::new();
    for (from, found) in &reached {
        let circle: Vec<_> = found
            .iter()
            .copied()
            .filter(|file| reached.get(file).is_some_and(|back| back.contains(from)))
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// `gui/state/apply.rs` is `gui::state::apply`; `gui/mod.rs` is `gui`; `lib.rs` is the root.
fn name_of(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || (last == "lib" && parts.len() == 1)) {
        parts.pop();
    }
    parts
}

fn tokens(code: &str) -> Vec<(Token, usize)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let mut word = String::from(c);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(c);
            }
            tokens.push((Token::Word(word), line));
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push((Token::Colons, line));
        } else if !c.is_whitespace() {
            tokens.push((Token::Other(c), line));
        }
    }
    tokens
}

/// Words that begin the definition of an item whose name follows.
const DEFINES: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod"];

fn parse(tokens: &[(Token, usize)]) -> Module {
    let mut module = Module::default();
    let mut depth = 0;
    // Depths at which modules that are no files of their own are open.
    let mut inline = Vec::new();
    let mut at = 0;
    let word = |at: usize| match tokens.get(at) {
        Some((Token::Word(word), _)) => Some(word.as_str()),
        _ => None,
    };
    let is = |at: usize, token: &Token| tokens.get(at).is_some_and(|(found, _)| found == token);
    while at < tokens.len() {
        match &tokens[at].0 {
            Token::Other('{' | '(' | '[') => depth += 1,
            Token::Other('}' | ')' | ']') => {
                depth -= 1;
                inline.retain(|open| *open < depth + 1);
            }
            // `+ use<'a>` is a bound.
            Token::Word(first) if first == "use" && !is(at + 1, &Token::Other('<')) => {
                let before = module.imports.len();
                at = import(tokens, at + 1, &[], &mut module.imports);
                for import in &mut module.imports[before..] {
                    seen_from_file(&mut import.path, inline.len());
                }
                continue;
            }
            Token::Word(first) => {
                module.words.insert(first.clone());
                // A module that is a file is found as one.
                let file = first == "mod" && is(at + 2, &Token::Other(';'));
                if let (true, Some(name)) =
                    (DEFINES.contains(&first.as_str()) && depth == 0 && !file, word(at + 1))
                {
                    module.items.insert(name.to_owned());
                }
                let line = tokens[at].1;
                let mut path = vec![first.clone()];
                while let (true, Some(next)) = (is(at + 1, &Token::Colons), word(at + 2)) {
                    path.push(next.to_owned());
                    module.words.insert(next.to_owned());
                    at += 2;
                }
                if first == "mod" && is(at + 2, &Token::Other('{')) {
                    inline.push(depth);
                }
                if path.len() > 1 {
                    seen_from_file(&mut path, inline.len());
                    module.paths.push((path, line));
                }
            }
            // What follows a `.` or stands behind `<T>::` is no path of its own.
            Token::Other('.') | Token::Colons if word(at + 1).is_some() => {
                if let Some(next) = word(at + 1) {
                    module.words.insert(next.to_owned());
                }
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    module
}

/// Rewrites a path in a module that is no file of its own, so many modules deep, to one that starts at the file.
fn seen_from_file(path: &mut Vec<String>, deep: usize) {
    for _ in 0..deep {
        if path.first().is_some_and(|part| part == "super") {
            path.remove(0);
            if path.first().is_none_or(|part| part != "super") {
                path.insert(0, "self".to_owned());
            }
        }
    }
}

/// Reads a tree of `use` from `at` on, below `base`; returns where it ends.
fn import(tokens: &[(Token, usize)], mut at: usize, base: &[String], imports: &mut Vec<Import>) -> usize {
    let mut path = base.to_vec();
    let mut name = None;
    let mut line = 0;
    loop {
        let Some((token, on)) = tokens.get(at) else { return at };
        at += 1;
        match token {
            Token::Word(word) if word == "as" => {
                if let Some((Token::Word(alias), _)) = tokens.get(at) {
                    name = Some(alias.clone());
                    at += 1;
                }
            }
            Token::Word(word) => {
                line = *on;
                name = Some(word.clone());
                path.push(word.clone());
            }
            Token::Colons => name = None,
            Token::Other('*') => {
                imports.push(Import { path: path.clone(), name: None, line: *on });
                path.truncate(base.len());
                name = None;
                // Nothing is left to import here.
                line = 0;
            }
            Token::Other('{') => {
                // Each branch ends with `,` or `}`.
                loop {
                    at = import(tokens, at, &path, imports);
                    match tokens.get(at - 1) {
                        Some((Token::Other(','), _)) => {}
                        _ => break,
                    }
                }
                line = 0;
            }
            Token::Other(',' | '}' | ';') => {
                if line > 0 && path.len() > base.len() {
                    let itself = path.last().is_some_and(|last| last == "self") && path.len() > 1;
                    if itself {
                        path.pop();
                        if name.as_deref() == Some("self") {
                            name = path.last().cloned();
                        }
                    }
                    imports.push(Import { path, name: name.take(), line });
                }
                return at;
            }
            Token::Other(_) => {}
        }
    }
}
