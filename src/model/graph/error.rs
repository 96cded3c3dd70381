//! Why a graph cannot be opened or run: which file, what is wrong, what to do.

/// Why a graph cannot be opened or run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}; {advice}")]
pub struct GraphError {
    /// The file.
    pub name: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub advice: String,
}

/// What to do about a file that is damaged.
pub(super) const AGAIN: &str = "get the file again, or export it again";

impl GraphError {
    /// Something is wrong with a file; what to do about it.
    pub(super) fn new(name: &str, problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problem: problem.into(), advice: advice.into() }
    }
}

/// A name out of a file as it is shown: a hostile one may be of any length and hold anything.
#[must_use]
pub fn short(name: &str) -> String {
    cut(name, 60)
}

/// What the runtime says, which may quote names out of the file.
pub(super) fn reason(said: &str) -> String {
    cut(said, 200)
}

fn cut(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().filter(|letter| !letter.is_control()).take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}
