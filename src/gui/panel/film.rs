//! The film of the last training: its frames, and which of them is shown.

use std::sync::Arc;

use crate::shown::film::{FilmFrame, FilmHead};

/// The film of a training.
#[derive(Clone, Debug, Default)]
pub struct Film {
    /// Its frames so far, the untrained network first.
    pub frames: Vec<Arc<FilmFrame>>,
    /// Whether it plays.
    pub playing: bool,
    /// Highest mean entropy so far in nats.
    pub highest: f64,
    /// The frame shown; the newest when `None`.
    at: Option<usize>,
}

impl Film {
    /// Another frame.
    pub fn take(&mut self, frame: Arc<FilmFrame>) {
        self.highest = self.highest.max(frame.validation.map_or(0.0, |doubt| doubt.entropy));
        self.frames.push(frame);
    }

    /// What all its frames have in common; `None` before the first.
    #[must_use]
    pub fn head(&self) -> Option<&FilmHead> {
        self.frames.first().map(|frame| &*frame.head)
    }

    /// The number of the frame shown, from 0.
    #[must_use]
    pub fn at(&self) -> usize {
        let last = self.frames.len().saturating_sub(1);
        self.at.map_or(last, |at| at.min(last))
    }

    /// The frame shown.
    #[must_use]
    pub fn shown(&self) -> Option<&FilmFrame> {
        self.frames.get(self.at()).map(|frame| &**frame)
    }

    /// Whether the newest frame is shown, and the next one as soon as it is there.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.at.is_none()
    }

    /// The frame closest to so many epochs.
    #[must_use]
    pub fn nearest(&self, epochs: f64) -> usize {
        let next = self.frames.partition_point(|frame| frame.epochs < epochs);
        let distance = |at: usize| self.frames.get(at).map_or(f64::INFINITY, |f| (f.epochs - epochs).abs());
        let before = next.saturating_sub(1);
        if distance(before) <= distance(next) { before } else { next }
    }

    /// Shows a frame, the closest there is. The last one is followed: a training that goes on goes on in it.
    pub fn show(&mut self, frame: usize) {
        self.playing = false;
        self.turn_to(frame);
    }

    /// Shows a frame some way off.
    pub fn walk(&mut self, by: isize) {
        self.show(self.at().saturating_add_signed(by));
    }

    /// Plays it, from the start when it stands at its end; or pauses.
    pub fn play(&mut self, playing: bool) {
        if playing && self.at() + 1 >= self.frames.len() {
            self.at = Some(0);
        }
        self.playing = playing && self.frames.len() > 1;
    }

    /// The next frame of a film that plays; it ends with the last one.
    pub fn advance(&mut self) {
        let next = self.at() + 1;
        self.playing = next + 1 < self.frames.len();
        self.turn_to(next);
    }

    fn turn_to(&mut self, frame: usize) {
        self.at = (frame + 1 < self.frames.len()).then_some(frame);
    }
}
