//! What the Rotate tab knows: an image, a course of amounts, the dial, and what was sampled along them.

use std::sync::Arc;

use super::exports;
use super::notices::Gravity;
use super::settings::Tab;
use super::state::{Effect, State};
use crate::data::distortion::Distortion;
use crate::model::Placement;
use crate::sampling::SweepConfig;
use crate::shown::clipboard::ChartForm;
use crate::shown::rotate::{DialView, RotateJob, RotateKey, RotateView};
use crate::shown::subject::Origin;
use crate::uncertainty::course::{Course, PAPER, STEPS, Step};
use crate::worker::{Job, Slot};

/// One thing a person did in the Rotate tab.
#[derive(Clone, Debug, PartialEq)]
pub enum RotateAction {
    /// Show this image.
    Open(Origin),
    /// Show the image that is looked at.
    OpenSelected,
    /// Change this.
    By(Distortion),
    /// From one amount to another.
    Range(f32, f32),
    /// In so many steps.
    Steps(usize),
    /// Turn the dial to this amount.
    Dial(f32),
    /// Turn the dial by so many steps.
    Walk(isize),
    /// Turn the dial by itself, or stop.
    Play(bool),
    /// The dial goes one step on, and from the last to the first.
    Advance,
    /// Show this class in the plots, or no longer.
    Class(u8),
    /// Show the likeliest classes.
    TopClasses,
    /// Copy the figure.
    Copy,
    /// The paper's Figure 4: its setting, on the most certain "1".
    Paper,
    /// Back to the settings of the window.
    Explore,
}

/// What changes, how far and in how many steps: what comes back on the next start.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct RotateChoices {
    /// What changes.
    pub by: Distortion,
    /// The course of each distortion, in the order of [`Distortion::ALL`].
    pub courses: [Course; Distortion::ALL.len()],
}

impl Default for RotateChoices {
    fn default() -> Self {
        Self { by: Distortion::Rotation, courses: Distortion::ALL.map(Course::usual) }
    }
}

impl RotateChoices {
    /// The same with every course in its place and within what is offered.
    #[must_use]
    pub fn sanitised(mut self) -> Self {
        for (course, by) in self.courses.iter_mut().zip(Distortion::ALL) {
            *course = if course.by == by { course.sanitised() } else { Course::usual(by) };
        }
        self
    }
}

/// What is known in the Rotate tab.
#[derive(Debug)]
pub struct RotateState {
    /// The image.
    pub origin: Option<Origin>,
    /// What was looked at when this image was chosen: when that is another, it is followed.
    followed: Option<Origin>,
    /// What changes, and how far.
    choices: RotateChoices,
    /// Whether the paper's setting is shown.
    pub paper: bool,
    /// Amount of the dial.
    pub dial: f32,
    /// Whether the dial turns by itself.
    pub playing: bool,
    /// Classes chosen for the plots; the likeliest when `None`.
    pub chosen: Option<Vec<u8>>,
    /// What was sampled along the course; of an older question until the new answer is there.
    pub view: Option<Arc<RotateView>>,
    /// What was sampled at an amount between two steps.
    at_dial: Option<Arc<DialView>>,
    asked: Option<RotateKey>,
}

impl RotateState {
    /// No image yet, and the choices of the last time.
    #[must_use]
    pub fn new(choices: RotateChoices) -> Self {
        let course = choices.courses[choices.by as usize];
        Self {
            origin: None,
            followed: None,
            dial: course.amount(course.nearest(0.0)),
            choices,
            paper: false,
            playing: false,
            chosen: None,
            view: None,
            at_dial: None,
            asked: None,
        }
    }

    /// The course in force.
    #[must_use]
    pub fn course(&self) -> Course {
        if self.paper { Course::paper() } else { self.choices.courses[self.choices.by as usize] }
    }

    /// What was asked for last: the image and its setting.
    #[must_use]
    pub fn key(&self) -> Option<&RotateKey> {
        self.asked.as_ref()
    }

    /// Whether what is shown is of an older question, or not complete.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.view.as_ref().is_some_and(|view| Some(&view.key) != self.asked.as_ref() || !view.is_complete())
    }

    /// Classes in the plots.
    #[must_use]
    pub fn classes(&self) -> &[u8] {
        match (&self.chosen, &self.view) {
            (Some(chosen), _) => chosen,
            (None, Some(view)) => &view.top,
            (None, None) => &[],
        }
    }

    /// The step at the dial, once it is sampled.
    #[must_use]
    pub fn at_dial(&self) -> Option<&Step> {
        let asked = self.asked.as_ref()?;
        let same = |step: &Step| step.amount.to_bits() == self.dial.to_bits();
        let on_course = self.view.as_ref().filter(|view| view.key == *asked).and_then(|view| {
            view.steps.get(view.key.course.nearest(self.dial)).map(Arc::as_ref).filter(|step| same(step))
        });
        let between = self.at_dial.as_ref().filter(|view| same_passes(&view.key, asked));
        on_course.or_else(|| between.map(|view| &view.step).filter(|step| same(step)))
    }

    /// What stands at the dial: the step there, or the last one that was known.
    #[must_use]
    pub fn shown(&self) -> Option<&Step> {
        let nearest = || {
            let view = self.view.as_ref()?;
            view.steps.get(view.key.course.nearest(self.dial)).map(Arc::as_ref)
        };
        self.at_dial().or_else(nearest)
    }

    /// A job ended: done, or stopped by a person, who then is told nothing more is coming.
    pub(super) fn ended(&mut self) {
        if self.view.as_ref().is_none_or(|view| Some(&view.key) != self.asked.as_ref()) {
            self.asked = self.view.as_ref().map(|view| view.key.clone());
        }
    }

    /// Forgets what was of the dataset that is gone.
    pub(super) fn forget(&mut self) {
        if matches!(self.origin, Some(Origin::Dataset(_))) {
            self.origin = None;
            self.view = None;
            self.at_dial = None;
            self.asked = None;
            self.paper = false;
        }
        self.followed = None;
        self.playing = false;
    }

    /// Keeps the dial on the course.
    fn bring_dial_in(&mut self) {
        let course = self.course();
        self.dial = self.dial.clamp(course.from, course.to);
    }
}

/// Whether two questions are answered by the same passes of the same image, whatever the steps.
fn same_passes(a: &RotateKey, b: &RotateKey) -> bool {
    a.subject == b.subject
        && a.model == b.model
        && a.placement == b.placement
        && a.sampled == b.sampled
        && a.course.by == b.course.by
}

impl State {
    /// What the tab asks now.
    fn rotate_key(&self) -> Option<RotateKey> {
        let subject = self.subject(self.rotate.origin?)?;
        let (placement, sampled) = if self.rotate.paper {
            (Placement::Last, SweepConfig { seed: self.settings.sweep.seed, ..PAPER })
        } else {
            (self.model.checkpoint.lenet.architecture().placement, self.settings.sweep)
        };
        let course = self.rotate.course();
        Some(RotateKey { subject, model: self.model.hash.clone(), placement, sampled, course })
    }

    /// The tab comes into sight: an image looked at since takes the place of the one shown.
    pub(super) fn enter_rotate(&mut self) -> Vec<Effect> {
        let looked_at = self.looked_at();
        self.settings.tab = Tab::Rotate;
        if looked_at != self.rotate.followed || self.rotate.origin.is_none() {
            self.rotate.followed = looked_at;
            if looked_at.is_some() {
                self.rotate.origin = looked_at;
                self.rotate.paper = false;
                self.rotate.bring_dial_in();
            }
        }
        self.ask_rotation()
    }

    /// Asks for what the tab shows and does not have yet.
    pub(super) fn ask_rotation(&mut self) -> Vec<Effect> {
        if self.settings.tab != Tab::Rotate {
            return Vec::new();
        }
        if self.rotate.origin.is_none() {
            self.rotate.followed = self.inspected();
            self.rotate.origin = self.rotate.followed;
        }
        let Some(key) = self.rotate_key() else {
            // An erased drawing, a deleted digit.
            self.rotate.view = None;
            self.rotate.asked = None;
            self.rotate.playing = false;
            return Vec::new();
        };
        let complete = self.rotate.view.as_ref().is_some_and(|view| view.key == key && view.is_complete());
        let runs = self.jobs.iter().any(|job| job.slot == Slot::Rotate);
        let same = self.rotate.asked.as_ref() == Some(&key);
        self.rotate.asked = Some(key.clone());
        let mut effects: Vec<Effect> = self.ask_dial().into_iter().collect();
        if !(complete || runs && same) {
            let job = RotateJob { key, model: self.model.clone(), amount: None };
            effects.push(Effect::submit(Job::Rotate(Box::new(job))));
        }
        effects
    }

    /// Asks for the image at the dial when no step is there.
    fn ask_dial(&self) -> Option<Effect> {
        let key = self.rotate.asked.clone()?;
        let course = key.course;
        let on_step = course.amount(course.nearest(self.rotate.dial)).to_bits() == self.rotate.dial.to_bits();
        if on_step || self.rotate.at_dial().is_some() {
            return None;
        }
        let job = RotateJob { key, model: self.model.clone(), amount: Some(self.rotate.dial) };
        Some(Effect::submit(Job::Rotate(Box::new(job))))
    }

    /// More of a course. What was complete stays until the new course is, unless it is of another image or course.
    pub(super) fn rotated(&mut self, view: Arc<RotateView>) {
        if self.rotate.asked.as_ref() != Some(&view.key) {
            return;
        }
        let comparable = self.rotate.view.as_ref().is_some_and(|old| {
            old.is_complete()
                && old.key.subject.origin == view.key.subject.origin
                && old.key.course == view.key.course
        });
        if view.is_complete() || !comparable {
            self.rotate.view = Some(view);
        }
    }

    /// The image at the dial, unless the question is another by now. An older amount is better than none.
    pub(super) fn dialled(&mut self, view: Arc<DialView>) {
        if self.rotate.asked.as_ref().is_some_and(|asked| same_passes(asked, &view.key)) {
            self.rotate.at_dial = Some(view);
        }
    }

    pub(super) fn apply_rotate(&mut self, action: &RotateAction) -> Vec<Effect> {
        let rotate = &mut self.rotate;
        let course = rotate.course();
        match *action {
            RotateAction::Open(origin) => return self.open_in_rotate(origin),
            RotateAction::OpenSelected => {
                let Some(origin) = self.looked_at() else { return Vec::new() };
                return self.open_in_rotate(origin);
            }
            RotateAction::Copy => return self.copy_rotation(),
            RotateAction::Paper => return self.show_paper(),
            RotateAction::Explore => rotate.paper = false,
            RotateAction::By(by) => {
                rotate.paper = false;
                rotate.choices.by = by;
                rotate.dial = rotate.course().amount(rotate.course().nearest(0.0));
                if self.settings.tab != Tab::Rotate {
                    return self.show_tab(Tab::Rotate);
                }
            }
            RotateAction::Range(from, to) => {
                rotate.paper = false;
                rotate.choices.by = course.by;
                rotate.choices.courses[course.by as usize] = Course { from, to, ..course }.sanitised();
            }
            RotateAction::Steps(steps) => {
                rotate.paper = false;
                rotate.choices.by = course.by;
                let steps = steps.clamp(*STEPS.start(), *STEPS.end());
                rotate.choices.courses[course.by as usize] = Course { steps, ..course };
            }
            RotateAction::Dial(amount) => {
                rotate.playing = false;
                rotate.dial = amount;
            }
            RotateAction::Walk(steps) => {
                rotate.playing = false;
                let at = course.nearest(rotate.dial).saturating_add_signed(steps);
                rotate.dial = course.amount(at.min(course.steps - 1));
            }
            RotateAction::Advance => {
                let next = (course.nearest(rotate.dial) + 1) % course.steps;
                rotate.dial = course.amount(next);
            }
            RotateAction::Play(playing) => rotate.playing = playing && rotate.view.is_some(),
            RotateAction::Class(class) => {
                let mut classes = rotate.classes().to_vec();
                match classes.binary_search(&class) {
                    Ok(at) => drop(classes.remove(at)),
                    Err(at) => classes.insert(at, class),
                }
                rotate.chosen = Some(classes);
            }
            RotateAction::TopClasses => rotate.chosen = None,
        }
        self.rotate.bring_dial_in();
        self.settings.rotate = self.rotate.choices;
        self.ask_rotation()
    }

    fn open_in_rotate(&mut self, origin: Origin) -> Vec<Effect> {
        if self.subject(origin).is_none() {
            let text = match origin {
                Origin::Drawing => "There is no drawing to turn yet: draw a digit first.",
                _ => "This image is no longer there.",
            };
            self.notices.say(Gravity::Warning, text);
            return Vec::new();
        }
        self.rotate.followed = self.looked_at();
        self.settings.tab = Tab::Rotate;
        self.rotate.origin = Some(origin);
        self.rotate.paper = false;
        self.rotate.bring_dial_in();
        self.ask_rotation()
    }

    /// The figure for the clipboard: at most as many dots as can be told apart, so it is made in no time.
    fn copy_rotation(&mut self) -> Vec<Effect> {
        match exports::rotation(self, false) {
            Ok(file) => {
                let chart = Arc::new(file.figure());
                vec![Effect::submit(Job::Chart { chart, form: ChartForm::Picture })]
            }
            Err(why) => {
                self.notices.say(Gravity::Warning, why);
                Vec::new()
            }
        }
    }

    /// The paper's setting on the "1" that the network doubts least, or on the first while nothing is measured.
    fn show_paper(&mut self) -> Vec<Effect> {
        let Some(dataset) = &self.dataset else {
            self.notices.say(Gravity::Warning, "There is no \"1\" to turn: wait for the images.");
            return Vec::new();
        };
        let labels = dataset.digits.labels();
        let ones = (0..labels.len()).filter(|index| labels[*index] == 1);
        let measures = self.gallery.as_ref().map(|view| &view.measures);
        let doubt = |index: &usize| {
            let measured = measures.and_then(|measures| measures.get(*index));
            measured.map_or(0.0, |measures| measures.predictive_entropy)
        };
        let Some(index) = ones.min_by(|a, b| doubt(a).total_cmp(&doubt(b))) else {
            self.notices
                .say(Gravity::Warning, "The dataset has no image labelled 1, which the figure turns.");
            return Vec::new();
        };
        self.rotate.followed = self.looked_at();
        self.settings.tab = Tab::Rotate;
        self.rotate.origin = Some(Origin::Dataset(index as u32));
        self.rotate.paper = true;
        self.rotate.choices.by = Distortion::Rotation;
        self.rotate.chosen = None;
        self.rotate.dial = 0.0;
        self.ask_rotation()
    }
}
