//! Classes: how many a set has, and what people call them.

use std::sync::{Arc, OnceLock};

/// A class: its place among those of its set, from 0.
pub type Class = u16;

/// In place of the label of an image that has none; no set has so many classes.
pub const UNLABELLED: Class = Class::MAX;
/// The fewest classes that a network can tell apart.
pub const FEWEST_CLASSES: usize = 2;
/// The most classes of a set.
pub const MOST_CLASSES: usize = 1000;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 80;

/// The classes of a set in their order, each with a name. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    names: Arc<[String]>,
    numbered: bool,
}

impl Default for Classes {
    /// The ten digits.
    fn default() -> Self {
        Self::digits()
    }
}

impl Classes {
    /// The ten digits, each named by its number.
    #[must_use]
    pub fn digits() -> Self {
        static DIGITS: OnceLock<Classes> = OnceLock::new();
        DIGITS
            .get_or_init(|| Self { names: (0..10).map(|class| class.to_string()).collect(), numbered: true })
            .clone()
    }

    /// Classes known by number only.
    ///
    /// # Errors
    /// When there are fewer than two or more than [`MOST_CLASSES`].
    pub fn numbered(count: usize) -> Result<Self, ClassesError> {
        check_count(count)?;
        if count == 10 {
            return Ok(Self::digits());
        }
        Ok(Self { names: (0..count).map(|class| class.to_string()).collect(), numbered: true })
    }

    /// Classes with these names, in this order. White space around a name and line breaks in it are dropped, a very
    /// long one is cut, and a class without a name is called by its number.
    ///
    /// # Errors
    /// When there are fewer than two or more than [`MOST_CLASSES`], or two have one name.
    pub fn named<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, ClassesError> {
        let tidied = |(class, name): (usize, S)| {
            let words: Vec<&str> =
                name.as_ref().split(char::is_whitespace).filter(|word| !word.is_empty()).collect();
            let name: String =
                words.join(" ").chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
            if name.is_empty() { class.to_string() } else { name }
        };
        let names: Vec<String> = names.into_iter().enumerate().map(tidied).collect();
        check_count(names.len())?;
        let mut seen = std::collections::HashMap::new();
        for (class, name) in names.iter().enumerate() {
            if let Some(first) = seen.insert(name, class) {
                return Err(ClassesError::Twice { name: name.clone(), first, second: class });
            }
        }
        let numbered = names.iter().enumerate().all(|(class, name)| *name == class.to_string());
        Ok(Self { names: names.into(), numbered })
    }

    /// How many there are: K.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Never: there are at least two.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All of them in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Class> + use<> {
        0..self.names.len() as Class
    }

    /// What a class is called: `7`, `Ankle boot`. `none` for [`UNLABELLED`], `?` for another one that is not of the set.
    #[must_use]
    pub fn name(&self, class: Class) -> &str {
        match self.names.get(usize::from(class)) {
            Some(name) => name,
            None if class == UNLABELLED => "none",
            None => "?",
        }
    }

    /// All names in the order of the classes.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether each is called by its own number, as digits are.
    #[must_use]
    pub fn are_numbers(&self) -> bool {
        self.numbered
    }

    /// Whether these are the ten digits.
    #[must_use]
    pub fn are_digits(&self) -> bool {
        self.numbered && self.len() == 10
    }

    /// The class of this name, or of this number where no class is named so. Capitals do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Class> {
        let wanted = text.trim().to_lowercase();
        let named = self.names.iter().position(|name| name.to_lowercase() == wanted);
        let number = || wanted.parse::<usize>().ok().filter(|class| *class < self.len());
        named.or_else(number).map(|class| class as Class)
    }
}

/// What is said of images of a set by a network, which may have been trained on another: the set's labels and the
/// network's answers each under their own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassNames {
    /// What the labels are called.
    pub labels: Classes,
    /// What the network's classes are called.
    pub answers: Classes,
    agree: bool,
}

impl Default for ClassNames {
    /// The ten digits throughout.
    fn default() -> Self {
        Self::new(Classes::digits(), Classes::digits())
    }
}

impl ClassNames {
    /// These names.
    #[must_use]
    pub fn new(labels: Classes, answers: Classes) -> Self {
        let agree = labels == answers;
        Self { labels, answers, agree }
    }

    /// Whether an answer can be right: the network's classes are those of the labels.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.agree
    }

    /// Whether this is the ten digits throughout.
    #[must_use]
    pub fn are_digits(&self) -> bool {
        self.labels.are_digits() && self.answers.are_digits()
    }

    /// `4`, or `4→9` when a 4 is taken for a 9.
    #[must_use]
    pub fn caption(&self, label: Option<Class>, prediction: Class) -> String {
        match label {
            Some(label) if label != prediction || !self.agree() => {
                format!("{}→{}", self.labels.name(label), self.answers.name(prediction))
            }
            _ => self.answers.name(prediction).to_owned(),
        }
    }
}

fn check_count(count: usize) -> Result<(), ClassesError> {
    match count {
        0 | 1 => Err(ClassesError::TooFew { count }),
        FEWEST_CLASSES..=MOST_CLASSES => Ok(()),
        _ => Err(ClassesError::TooMany { count }),
    }
}

/// Why some names are not the classes of a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClassesError {
    /// Nothing to tell apart.
    #[error("{count} classes: there is nothing to tell apart with fewer than {FEWEST_CLASSES}")]
    TooFew {
        /// How many there are.
        count: usize,
    },
    /// More than can be shown.
    #[error("{count} classes, more than the {MOST_CLASSES} that can be opened")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// One name for two classes.
    #[error("classes {first} and {second} are both named “{name}”; every class needs a name of its own")]
    Twice {
        /// The name.
        name: String,
        /// The class that has it first.
        first: usize,
        /// The other one.
        second: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_called_by_their_numbers() {
        let digits = Classes::digits();
        assert_eq!((digits.len(), digits.name(7), digits.are_digits()), (10, "7", true));
        assert_eq!(Classes::numbered(10), Ok(digits.clone()));
        assert_eq!(Classes::named(digits.names()), Ok(digits));
        assert!(!Classes::numbered(12).unwrap().are_digits());
    }

    #[test]
    fn a_name_is_tidied_and_one_without_a_name_is_a_number() {
        let classes = Classes::named(["  Ankle\n boot ", "", "x\u{7}y"]).unwrap();
        assert_eq!(classes.names(), ["Ankle boot", "1", "xy"]);
        assert!(!classes.are_numbers());
        assert_eq!(classes.name(3), "?");
        let long = Classes::named(["é".repeat(300), "b".to_owned()]).unwrap();
        assert_eq!(long.name(0).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn a_class_is_found_by_name_before_number() {
        let classes = Classes::named(["2", "one", "Two words"]).unwrap();
        assert_eq!(classes.find(" two WORDS "), Some(2));
        assert_eq!((classes.find("2"), classes.find("1"), classes.find("3")), (Some(0), Some(1), None));
    }

    #[test]
    fn answers_of_a_network_for_other_classes_keep_their_own_names() {
        let digits = ClassNames::default();
        assert_eq!(
            (digits.caption(Some(4), 4), digits.caption(Some(4), 9)),
            ("4".to_owned(), "4→9".to_owned())
        );
        assert_eq!(digits.caption(None, 7), "7");
        let labels = Classes::named(["shirt", "coat"]).unwrap();
        let foreign = ClassNames::new(labels.clone(), Classes::digits());
        assert_eq!(foreign.caption(Some(1), 1), "coat→1", "a coat is not a one");
        assert!(!foreign.agree() && ClassNames::new(labels.clone(), labels).agree());
    }

    #[test]
    fn one_class_too_many_and_one_name_twice_are_refused() {
        let message = |classes: Result<Classes, ClassesError>| classes.unwrap_err().to_string();
        assert_eq!(
            message(Classes::numbered(1)),
            "1 classes: there is nothing to tell apart with fewer than 2"
        );
        assert!(message(Classes::numbered(1001)).contains("more than the 1000"));
        assert!(Classes::numbered(1000).is_ok());
        assert!(message(Classes::named(["a", "b", "a "])).contains("classes 0 and 2 are both named “a”"));
    }
}
