//! Messages outside the views: errors stay until dismissed, all others leave by themselves.

use std::time::{Duration, Instant};

/// How long news stays: time to read two lines.
const NEWS_STAYS: Duration = Duration::from_secs(5);
/// How long a warning stays: it asks for a thought.
const WARNING_STAYS: Duration = Duration::from_secs(10);

/// Most notices kept at once; the oldest goes first.
const MOST: usize = 5;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Something to know, neither good nor bad.
    News,
    /// Something went well.
    Done,
    /// Something is not what one might expect.
    Warning,
    /// Something failed.
    Error,
}

impl Gravity {
    /// How long such a notice stays; until it is dismissed when `None`.
    fn stays(self) -> Option<Duration> {
        match self {
            Self::News | Self::Done => Some(NEWS_STAYS),
            Self::Warning => Some(WARNING_STAYS),
            Self::Error => None,
        }
    }
}

/// One message.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Identifies it.
    pub id: u64,
    /// How serious it is.
    pub gravity: Gravity,
    /// What it says.
    pub text: String,
    /// When it leaves by itself.
    ends: Option<Instant>,
}

/// The messages shown now, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
    next_id: u64,
    /// Since when the pointer has been on them.
    held: Option<Instant>,
}

impl Notices {
    /// Shows a message, in place of an older one with the same text.
    pub fn say(&mut self, gravity: Gravity, text: impl Into<String>) {
        self.say_at(gravity, text.into(), Instant::now());
    }

    fn say_at(&mut self, gravity: Gravity, text: String, now: Instant) {
        match gravity {
            Gravity::News | Gravity::Done => log::info!("{text}"),
            Gravity::Warning => log::warn!("{text}"),
            Gravity::Error => log::error!("{text}"),
        }
        self.list.retain(|notice| notice.text != text);
        self.next_id += 1;
        let ends = gravity.stays().map(|stays| now + stays);
        self.list.push(Notice { id: self.next_id, gravity, text, ends });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    /// Removes a message.
    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    /// Removes all errors; says whether there were any.
    pub fn dismiss_errors(&mut self) -> bool {
        let before = self.list.len();
        self.list.retain(|notice| notice.gravity != Gravity::Error);
        self.list.len() < before
    }

    /// The pointer is on the messages, or it is not: while it is, none leaves. Says whether that is new.
    pub fn hold(&mut self, held: bool) -> bool {
        self.hold_at(held, Instant::now())
    }

    fn hold_at(&mut self, held: bool, now: Instant) -> bool {
        match (held, self.held) {
            (true, None) => self.held = Some(now),
            (false, Some(since)) => {
                self.held = None;
                for ends in self.list.iter_mut().filter_map(|notice| notice.ends.as_mut()) {
                    *ends += now - since;
                }
            }
            _ => return false,
        }
        true
    }

    /// Drops what has been shown long enough; returns when to check again.
    pub fn expire(&mut self) -> Option<Duration> {
        self.expire_at(Instant::now())
    }

    fn expire_at(&mut self, now: Instant) -> Option<Duration> {
        if self.held.is_some() {
            return None;
        }
        self.list.retain(|notice| notice.ends.is_none_or(|ends| ends > now));
        self.list.iter().filter_map(|notice| notice.ends).min().map(|ends| ends - now)
    }

    /// The messages, oldest first.
    #[must_use]
    pub fn list(&self) -> &[Notice] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn texts(notices: &Notices) -> Vec<&str> {
        notices.list().iter().map(|notice| notice.text.as_str()).collect()
    }

    #[test]
    fn errors_stay_until_dismissed_and_repeat_only_once() {
        let start = Instant::now();
        let mut notices = Notices::default();
        for text in ["a", "b", "a"] {
            notices.say_at(Gravity::Error, text.to_owned(), start);
        }
        assert_eq!(notices.expire_at(start + 3_600 * SECOND), None);
        assert_eq!(texts(&notices), ["b", "a"]);
        let id = notices.list()[0].id;
        notices.dismiss(id);
        assert_eq!(texts(&notices), ["a"]);
        assert!(notices.dismiss_errors() && !notices.dismiss_errors());
    }

    #[test]
    fn news_leaves_after_five_seconds_and_a_warning_after_ten() {
        let start = Instant::now();
        let mut notices = Notices::default();
        notices.say_at(Gravity::News, "news".to_owned(), start);
        notices.say_at(Gravity::Done, "done".to_owned(), start);
        notices.say_at(Gravity::Warning, "warning".to_owned(), start);
        assert_eq!(notices.expire_at(start + 4 * SECOND), Some(SECOND), "it asks to be looked at again");
        assert_eq!(notices.expire_at(start + 5 * SECOND), Some(5 * SECOND));
        assert_eq!(texts(&notices), ["warning"]);
        assert_eq!(notices.expire_at(start + 10 * SECOND), None);
        assert!(notices.list().is_empty());
    }

    #[test]
    fn none_leaves_while_the_pointer_is_on_them_and_each_has_the_rest_of_its_time_afterwards() {
        let start = Instant::now();
        let mut notices = Notices::default();
        notices.say_at(Gravity::News, "news".to_owned(), start);
        assert!(notices.hold_at(true, start + 3 * SECOND));
        assert!(!notices.hold_at(true, start + 4 * SECOND));
        assert_eq!(notices.expire_at(start + 60 * SECOND), None);
        assert_eq!(texts(&notices), ["news"]);
        assert!(notices.hold_at(false, start + 60 * SECOND));
        assert_eq!(notices.expire_at(start + 60 * SECOND), Some(2 * SECOND));
        assert_eq!(notices.expire_at(start + 62 * SECOND), None);
        assert!(notices.list().is_empty());
    }
}
