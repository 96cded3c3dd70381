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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Digits;
    use crate::model::training::TrainConfig;
    use crate::sampling::SweepConfig;
    use crate::shown::film::MeanDoubt;

    /// A film of frames after so many epochs; doubt falls from frame to frame.
    fn film(epochs: &[f64]) -> Film {
        let head = Arc::new(FilmHead {
            classes: crate::data::Classes::digits(),
            training: 1,
            source: String::new(),
            config: TrainConfig::default(),
            sampled: SweepConfig::default(),
            images: Vec::new(),
            pictures: Digits::default(),
            row: None,
            asked: 5,
            validation: 5,
        });
        let mut film = Film::default();
        for epochs in epochs {
            let doubt = MeanDoubt { accuracy: 0.5, entropy: 2.0 - epochs, mutual_information: 0.1 };
            let (head, validation) = (Arc::clone(&head), Some(doubt));
            film.take(Arc::new(FilmFrame { head, epochs: *epochs, images: Vec::new(), validation }));
        }
        film
    }

    #[test]
    fn a_film_follows_its_training_until_somebody_goes_back_and_again_from_its_last_frame() {
        let mut film = film(&[0.0, 0.5, 1.0]);
        assert!(film.follows() && film.at() == 2 && (film.highest - 2.0).abs() < 1e-12);
        film.walk(-1);
        let newest = Arc::clone(&film.frames[2]);
        film.take(newest);
        assert_eq!((film.at(), film.follows()), (1, false), "it stays where it was put");
        film.walk(isize::MIN);
        assert_eq!(film.at(), 0);
        film.walk(isize::MAX);
        assert_eq!((film.at(), film.follows()), (3, true));
    }

    #[test]
    fn a_film_plays_from_where_it_stands_to_its_end_and_from_its_start_when_it_stands_there() {
        let mut film = film(&[0.0, 0.5, 1.0, 2.0]);
        film.play(true);
        let mut shown = vec![film.at()];
        while film.playing {
            film.advance();
            shown.push(film.at());
        }
        assert_eq!(shown, [0, 1, 2, 3]);
        film.show(1);
        film.play(true);
        assert_eq!((film.at(), film.playing), (1, true));
        film.play(false);
        assert_eq!((film.at(), film.playing), (1, false));
        let mut single = self::film(&[0.0]);
        single.play(true);
        assert!(!single.playing, "one frame is no film");
    }

    #[test]
    fn the_frame_closest_to_an_epoch_is_found() {
        let film = film(&[0.0, 0.25, 1.0, 2.0]);
        let found = [-1.0, 0.1, 0.2, 0.7, 1.4, 1.6, 9.0].map(|epochs| film.nearest(epochs));
        assert_eq!(found, [0, 0, 1, 2, 2, 3, 3]);
        assert_eq!(Film::default().nearest(1.0), 0);
        assert!(Film::default().shown().is_none());
    }
}
