//! Messages outside the views: errors stay until dismissed, news disappears by itself.

use std::time::{Duration, Instant};

/// How long news stays: time to read two lines.
const NEWS_STAYS: Duration = Duration::from_secs(6);

/// Most notices shown at once, so as not to hide the window; the oldest goes first.
const MOST: usize = 5;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Something went well.
    News,
    /// Something is not what one might expect.
    Warning,
    /// Something failed.
    Error,
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
    since: Instant,
}

/// The messages shown now, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
    next_id: u64,
}

impl Notices {
    /// Shows a message, in place of an older one with the same text.
    pub fn say(&mut self, gravity: Gravity, text: impl Into<String>) {
        let text = text.into();
        match gravity {
            Gravity::News => log::info!("{text}"),
            Gravity::Warning => log::warn!("{text}"),
            Gravity::Error => log::error!("{text}"),
        }
        self.list.retain(|notice| notice.text != text);
        self.next_id += 1;
        self.list.push(Notice { id: self.next_id, gravity, text, since: Instant::now() });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    /// Removes a message.
    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    /// Drops news that has been shown long enough; returns when to check again.
    pub fn expire(&mut self) -> Option<Duration> {
        self.list.retain(|notice| notice.gravity != Gravity::News || notice.since.elapsed() < NEWS_STAYS);
        self.list
            .iter()
            .filter(|notice| notice.gravity == Gravity::News)
            .map(|notice| NEWS_STAYS.saturating_sub(notice.since.elapsed()))
            .min()
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

    #[test]
    fn errors_stay_until_dismissed_and_repeat_only_once() {
        let mut notices = Notices::default();
        notices.say(Gravity::Error, "a");
        notices.say(Gravity::Error, "b");
        notices.say(Gravity::Error, "a");
        assert_eq!(notices.expire(), None);
        let texts: Vec<_> = notices.list().iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(texts, ["b", "a"]);
        let id = notices.list()[0].id;
        notices.dismiss(id);
        assert_eq!(notices.list().len(), 1);
    }

    #[test]
    fn news_asks_to_be_looked_at_again_when_it_ends() {
        let mut notices = Notices::default();
        notices.say(Gravity::News, "saved");
        assert!(notices.expire().is_some_and(|wait| wait <= NEWS_STAYS));
    }
}
