//! Progress bars on standard error, shown only when a person is looking: standard error is a terminal.

use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::Progress;

/// What a piece of work counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Bytes of a download.
    Bytes,
    /// Anything else, by its name in the plural.
    Things(&'static str),
}

/// One bar for one piece of work; it disappears with it.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    unit: Unit,
}

impl Bar {
    pub(super) fn new(name: impl Into<String>, unit: Unit) -> Self {
        // indicatif hides this target when standard error is not a terminal.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(name.into());
        bar.enable_steady_tick(Duration::from_millis(200));
        let bar = Self { bar, unit };
        bar.style(false);
        bar
    }

    /// Shows how far the work is; never stops it.
    pub(super) fn show(&self, progress: Progress) -> ControlFlow<()> {
        if progress.total > 0 && self.bar.length() != Some(progress.total) {
            self.bar.set_length(progress.total);
            self.style(true);
        }
        self.bar.set_position(progress.done);
        ControlFlow::Continue(())
    }

    /// Says more about the work, after its name.
    pub(super) fn say(&self, text: impl Into<String>) {
        self.bar.set_message(text.into());
    }

    /// Whether someone is looking.
    pub(super) fn is_seen(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Writes a line above the bar, or nothing when no one is looking.
    pub(super) fn note(&self, line: &str) {
        self.bar.println(line);
    }

    fn style(&self, known: bool) {
        let count = match self.unit {
            Unit::Bytes if known => "{bytes}/{total_bytes} {bytes_per_sec}".to_string(),
            Unit::Bytes => "{bytes} {bytes_per_sec}".to_string(),
            Unit::Things(things) if known => format!("{{human_pos}}/{{human_len}} {things} {{per_sec}}"),
            Unit::Things(things) => format!("{{human_pos}} {things} {{per_sec}}"),
        };
        let template = if known {
            format!("{{msg}} {{wide_bar}} {count} {{eta}} left")
        } else {
            format!("{{msg}} {{spinner}} {count}")
        };
        // The templates above are well formed; were one not, the default style would serve.
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
