//! The state of the Draw tab: the sheet and its undo history, the history of the network's answers, pictures.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::Class;
use crate::data::ink::{Sheet, Stroke};
use crate::sampling::{NetworkKey, SweepConfig};
use crate::shown::{DrawView, Neighbours, PictureView};

/// Widths of the pen, in pixels of the network's image.
pub const WIDTHS: std::ops::RangeInclusive<f32> = 0.8..=6.0;
/// One key press changes the pen's width by this much.
pub(super) const WIDTH_STEP: f32 = 0.4;
/// Initial width of the pen: about that of MNIST's strokes once the digit is fitted.
const FIRST_WIDTH: f32 = 2.6;
/// The eraser is this much wider than the pen.
pub const ERASER: f32 = 2.5;
/// Points closer to the last than this make no visible difference, in units of the paper.
const LEAST_MOVE: f32 = 0.08;
/// Undo steps that are kept.
const STEPS: usize = 500;
/// Moments that are kept; beyond that, every second one is dropped.
const MOMENTS: usize = 1_200;
/// Drawings whose moments wait for undo to bring them back.
const LEFT: usize = 50;

/// Where the content of the sheet comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum StartedFrom {
    /// An image of the dataset.
    Image {
        /// Its index.
        index: u32,
        /// Its label.
        label: Class,
    },
    /// A foreign image.
    Foreign(u32),
    /// A digit found in a picture.
    Picture {
        /// The picture.
        id: u64,
        /// Which of its digits.
        place: usize,
    },
    /// A kept digit.
    Kept(u64),
}

/// A sheet and the origin of its image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrawPage {
    /// Strokes and the image under them.
    pub sheet: Sheet,
    /// Where that image comes from.
    pub origin: Option<StartedFrom>,
    /// Which drawing it is a state of: strokes go on with one, opening and clearing start another.
    pub drawing: u64,
}

impl DrawPage {
    /// A sheet to start from.
    #[must_use]
    pub fn new(sheet: Sheet, origin: StartedFrom) -> Self {
        Self { sheet, origin: Some(origin), drawing: 0 }
    }
}

/// A moment of a drawing.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The drawing.
    pub sheet: Sheet,
    /// Predictive entropy in nats and its standard error; `None` for a blank sheet.
    pub entropy: Option<[f32; 2]>,
    /// Mutual information in nats and its standard error.
    pub mutual_information: Option<[f32; 2]>,
}

/// A drawing that another has taken the place of: undo and redo come back to it.
#[derive(Clone, Debug)]
struct Left {
    drawing: u64,
    label: Option<Class>,
    history: Vec<Moment>,
    history_of: Option<(NetworkKey, SweepConfig)>,
}

/// Watching one pass at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The pass shown, from 1.
    pub pass: usize,
    /// Whether it advances by itself.
    pub playing: bool,
}

/// The state of the Draw tab.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The sheet without the stroke in progress.
    pub page: DrawPage,
    /// The stroke in progress.
    pub live: Option<Stroke>,
    past: Vec<DrawPage>,
    future: Vec<DrawPage>,
    left: Vec<Left>,
    following: u64,
    /// Width of the pen, in units of the paper.
    pub width: f32,
    /// Whether the pen is an eraser.
    pub eraser: bool,
    /// Counts the network's answers.
    pub answers: u64,
    /// The moments of the drawing since its first stroke.
    pub history: Vec<Moment>,
    /// The highest entropy of these moments plus its standard error, in nats.
    pub highest: f32,
    /// The model and passes that the history was computed with.
    pub history_of: Option<(NetworkKey, SweepConfig)>,
    /// The moment shown; the current one when `None`.
    pub scrub: Option<usize>,
    /// Watching one pass at a time.
    pub watch: Option<Watch>,
    /// Pictures read, in order of arrival.
    pub pictures: Vec<Arc<PictureView>>,
    /// The picture whose steps are shown.
    pub picture: Option<u64>,
    /// The id of the next picture.
    pub next_picture: u64,
    /// The images closest to the drawing.
    pub neighbours: Option<Arc<Neighbours>>,
    /// Where kept digits lie; `None`: they last as long as the window.
    pub my_digits: Option<PathBuf>,
}

impl Default for Drawing {
    fn default() -> Self {
        Self {
            page: DrawPage::default(),
            live: None,
            past: Vec::new(),
            future: Vec::new(),
            left: Vec::new(),
            following: 1,
            width: FIRST_WIDTH,
            eraser: false,
            answers: 0,
            history: Vec::new(),
            highest: 0.0,
            history_of: None,
            scrub: None,
            watch: None,
            pictures: Vec::new(),
            picture: None,
            next_picture: 1,
            neighbours: None,
            my_digits: None,
        }
    }
}

impl Drawing {
    /// The current sheet, with the stroke in progress.
    #[must_use]
    pub fn now(&self) -> Sheet {
        let mut sheet = self.page.sheet.clone();
        if let Some(live) = &self.live {
            sheet.strokes.push(Arc::new(live.clone()));
        }
        sheet
    }

    /// The sheet that is shown: at the moment chosen, or the current one.
    #[must_use]
    pub fn shown(&self) -> Sheet {
        match self.scrub.and_then(|at| self.history.get(at)) {
            Some(moment) => moment.sheet.clone(),
            None => self.now(),
        }
    }

    /// Whether the sheet that is shown is blank.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self.scrub.and_then(|at| self.history.get(at)) {
            Some(moment) => moment.sheet.is_empty(),
            None => self.page.sheet.is_empty() && self.live.is_none(),
        }
    }

    /// Whether there is a step to undo, and one to redo.
    #[must_use]
    pub fn steps(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }

    /// The pen comes down.
    pub fn begin(&mut self, at: [f32; 2], erase: bool) {
        self.end();
        self.resume();
        self.forget_empty_picture();
        let erase = erase || self.eraser;
        let width = if erase { self.width * ERASER } else { self.width };
        self.live = Some(Stroke { points: vec![at], width, erase });
    }

    /// The pen moves; returns whether anything was added.
    pub fn extend(&mut self, points: &[[f32; 2]]) -> bool {
        let Some(live) = &mut self.live else { return false };
        let before = live.points.len();
        for &[x, y] in points {
            let far = live
                .points
                .last()
                .is_none_or(|&[last_x, last_y]| (x - last_x).abs().max((y - last_y).abs()) >= LEAST_MOVE);
            if far && x.is_finite() && y.is_finite() {
                live.points.push([x, y]);
            }
        }
        live.points.len() > before
    }

    /// The pen is lifted: the stroke becomes part of the sheet.
    pub fn end(&mut self) {
        let Some(stroke) = self.live.take() else { return };
        // Erasing bare paper does nothing.
        if stroke.erase && self.page.sheet.is_empty() {
            return;
        }
        let mut page = self.page.clone();
        page.sheet.strokes.push(Arc::new(stroke));
        self.turn_to(page);
    }

    /// Replaces the sheet; the old one can be restored with undo.
    fn turn_to(&mut self, page: DrawPage) {
        self.past.push(std::mem::replace(&mut self.page, page));
        self.future.clear();
        if self.past.len() > STEPS {
            self.past.remove(0);
        }
    }

    /// Undo returns to the moment that is shown; drawing continues from there.
    fn resume(&mut self) {
        if let Some(moment) = self.scrub.take().and_then(|at| self.history.get(at)) {
            let page = DrawPage { sheet: moment.sheet.clone(), ..self.page.clone() };
            if !page.sheet.is(&self.page.sheet) {
                self.turn_to(page);
            }
        }
    }

    /// Undoes the last change; takes the label of the drawing and returns that of the one it comes back to.
    pub fn undo(&mut self, label: Option<Class>) -> Option<Class> {
        self.end();
        self.scrub = None;
        let Some(page) = self.past.pop() else { return label };
        let left = std::mem::replace(&mut self.page, page);
        let label = self.come_back(left.drawing, label);
        self.future.push(left);
        label
    }

    /// Redoes it, with labels like [`Drawing::undo`].
    pub fn redo(&mut self, label: Option<Class>) -> Option<Class> {
        self.end();
        self.scrub = None;
        let Some(page) = self.future.pop() else { return label };
        let left = std::mem::replace(&mut self.page, page);
        let label = self.come_back(left.drawing, label);
        self.past.push(left);
        label
    }

    /// Starts another drawing with a new history; the one that had this label waits for undo.
    pub fn open(&mut self, page: DrawPage, label: Option<Class>) {
        self.end();
        self.scrub = None;
        self.watch = None;
        self.neighbours = None;
        if page.sheet.is_empty() && self.page.sheet.is_empty() {
            return;
        }
        self.leave(self.page.drawing, label);
        if !matches!(page.origin, Some(StartedFrom::Picture { .. })) {
            self.forget_empty_picture();
        }
        let drawing = self.following;
        self.following += 1;
        self.turn_to(DrawPage { drawing, ..page });
    }

    /// What was said of a picture without ink does not stand above what comes after it.
    fn forget_empty_picture(&mut self) {
        if self.shown_picture().is_some_and(|picture| picture.steps.found.is_empty()) {
            self.picture = None;
        }
    }

    /// Puts the history aside as that of a drawing with this label.
    fn leave(&mut self, drawing: u64, label: Option<Class>) {
        let history = std::mem::take(&mut self.history);
        self.left.push(Left { drawing, label, history, history_of: self.history_of.take() });
        if self.left.len() > LEFT {
            self.left.remove(0);
        }
    }

    /// The history of the page's drawing is there again, when it is another than the one left.
    fn come_back(&mut self, left: u64, label: Option<Class>) -> Option<Class> {
        if left == self.page.drawing {
            return label;
        }
        self.leave(left, label);
        self.watch = None;
        self.neighbours = None;
        let place = self.left.iter().position(|other| other.drawing == self.page.drawing)?;
        let found = self.left.remove(place);
        self.history = found.history;
        self.history_of = found.history_of;
        self.measure_history();
        found.label
    }

    /// How high its curves are drawn.
    fn measure_history(&mut self) {
        let ends = self.history.iter().filter_map(|moment| moment.entropy);
        self.highest = ends.map(|[entropy, error]| entropy + error.max(0.0)).fold(0.0, f32::max);
    }

    /// The network has answered.
    pub fn receive(&mut self, view: &DrawView) {
        let of = (view.network, view.sampled);
        if self.history_of.as_ref() != Some(&of) {
            self.history.clear();
            self.scrub = None;
            self.history_of = Some(of);
        }
        if self.scrub.is_none() && !self.history.last().is_some_and(|last| last.sheet.is(&view.sheet)) {
            let measures = view.seen.as_ref().map(|seen| &seen.measures);
            let moment = Moment {
                sheet: view.sheet.clone(),
                entropy: measures.map(|m| [m.predictive_entropy, m.predictive_entropy_se]),
                mutual_information: measures.map(|m| [m.mutual_information, m.mutual_information_se]),
            };
            if moment.entropy.is_some() || !self.history.is_empty() {
                self.history.push(moment);
            }
            if self.history.len() > MOMENTS {
                let mut keep = false;
                self.history.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        }
        self.measure_history();
        if view.seen.is_none() {
            self.neighbours = None;
            self.watch = None;
        }
        let passes = view.sampled.passes;
        if let Some(watch) = &mut self.watch {
            watch.pass = watch.pass.min(passes);
        }
        self.answers += 1;
    }

    /// The picture whose steps are shown.
    #[must_use]
    pub fn shown_picture(&self) -> Option<&Arc<PictureView>> {
        self.picture(self.picture?)
    }

    /// A picture by its id.
    #[must_use]
    pub fn picture(&self, id: u64) -> Option<&Arc<PictureView>> {
        self.pictures.iter().find(|picture| picture.id == id)
    }

    /// A picture was read, or read again.
    pub fn add_picture(&mut self, view: Arc<PictureView>) {
        match self.pictures.iter_mut().find(|picture| picture.id == view.id) {
            Some(old) => *old = view,
            None => self.pictures.push(view),
        }
    }

    /// Shows this pass, from 1, of so many.
    pub fn watch_pass(&mut self, pass: usize, passes: usize) {
        if let Some(watch) = &mut self.watch {
            watch.pass = pass.clamp(1, passes);
            watch.playing &= pass < passes;
        }
    }

    /// Lets the passes run, from the first when the last of so many was shown, or stops them.
    pub fn watch_play(&mut self, playing: bool, passes: usize) {
        if let Some(watch) = &mut self.watch {
            watch.playing = playing;
            if playing && watch.pass >= passes {
                watch.pass = 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(drawing: &mut Drawing, from: [f32; 2], to: [f32; 2]) {
        drawing.begin(from, false);
        drawing.extend(&[to]);
        drawing.end();
    }

    #[test]
    fn undo_and_redo_go_stroke_by_stroke_through_clear_and_open() {
        let mut drawing = Drawing::default();
        draw(&mut drawing, [5.0, 5.0], [20.0, 5.0]);
        draw(&mut drawing, [20.0, 5.0], [10.0, 24.0]);
        let two = drawing.page.clone();
        drawing.open(DrawPage::default(), None);
        assert!(drawing.is_blank());
        drawing.undo(None);
        assert_eq!(drawing.page, two);
        drawing.undo(None);
        assert_eq!(drawing.page.sheet.strokes.len(), 1);
        drawing.undo(None);
        assert!(drawing.is_blank() && !drawing.steps().0);
        drawing.redo(None);
        drawing.redo(None);
        assert_eq!(drawing.page, two);
        draw(&mut drawing, [1.0, 1.0], [2.0, 2.0]);
        assert!(!drawing.steps().1, "a new stroke ends the way forward");
    }

    #[test]
    fn undo_brings_a_drawing_back_with_its_own_label_and_history() {
        let mut drawing = Drawing::default();
        draw(&mut drawing, [5.0, 5.0], [20.0, 5.0]);
        let sheet = drawing.page.sheet.clone();
        drawing.history.push(Moment { sheet, entropy: Some([0.5, 0.1]), mutual_information: None });
        let kept = Sheet::with([0.5; crate::data::PIXELS]);
        drawing.open(DrawPage::new(kept.clone(), StartedFrom::Kept(7)), Some(4));
        assert!(drawing.history.is_empty());
        drawing.history.push(Moment { sheet: kept, entropy: None, mutual_information: None });
        assert_eq!(drawing.undo(Some(9)), Some(4), "the label of the first drawing");
        assert!(drawing.history.len() == 1 && drawing.history[0].entropy.is_some());
        assert_eq!(drawing.redo(Some(4)), Some(9));
        assert!(drawing.history.len() == 1 && drawing.history[0].entropy.is_none());
        assert_eq!((drawing.undo(Some(9)), drawing.undo(Some(4))), (Some(4), Some(4)), "within one drawing");
    }

    #[test]
    fn points_that_say_nothing_new_are_passed_over() {
        let mut drawing = Drawing::default();
        drawing.begin([5.0, 5.0], false);
        assert!(!drawing.extend(&[[5.01, 5.0], [f32::NAN, 1.0]]));
        assert!(drawing.extend(&[[6.0, 5.0]]));
        assert_eq!(drawing.live.as_ref().unwrap().points.len(), 2);
    }

    #[test]
    fn an_eraser_over_bare_paper_leaves_no_step() {
        let mut drawing = Drawing { eraser: true, ..Drawing::default() };
        draw(&mut drawing, [5.0, 5.0], [20.0, 5.0]);
        assert!(drawing.page.sheet.is_empty() && !drawing.steps().0);
    }
}
