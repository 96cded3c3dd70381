//! The Rotate tab: an image, a course of amounts, the dial, and what was sampled along them.

use std::sync::Arc;

use crate::data::distortion::Distortion;
use crate::data::{Class, ClassNames};
use crate::gui::action::RotateAction;
use crate::gui::effect::{Step, Steps};
use crate::gui::settings::{RotateChoices, Tab};
use crate::gui::shared::Shared;
use crate::model::Placement;
use crate::sampling::{DropoutAt, NetworkKey, SweepConfig};
use crate::shown::clipboard::ChartForm;
use crate::shown::rotate::{DialView, RotateJob, RotateKey, RotateView, RotationFile};
use crate::shown::subject::Origin;
use crate::uncertainty::course::{self, Course, PAPER, STEPS};
use crate::worker::{Job, Slot};

/// What is known in the Rotate tab.
#[derive(Debug)]
pub struct RotatePanel {
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
    pub chosen: Option<Vec<Class>>,
    /// What was sampled along the course; of an older question until the new answer is there.
    pub view: Option<Arc<RotateView>>,
    /// What was sampled at an amount between two steps.
    at_dial: Option<Arc<DialView>>,
    asked: Option<RotateKey>,
}

impl RotatePanel {
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

    /// What labels and answers are called; `None` before anything is sampled.
    #[must_use]
    pub fn names(&self) -> Option<&ClassNames> {
        let dial = self.at_dial.as_ref().map(|dial| &dial.names);
        self.view.as_ref().map(|view| &view.names).or(dial)
    }

    /// Classes in the plots.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        match (&self.chosen, &self.view) {
            (Some(chosen), Some(view))
                if chosen.iter().all(|class| usize::from(*class) < view.names.answers.len()) =>
            {
                chosen
            }
            (_, Some(view)) => &view.top,
            (_, None) => &[],
        }
    }

    /// The step at the dial, once it is sampled.
    #[must_use]
    pub fn at_dial(&self) -> Option<&course::CourseStep> {
        let asked = self.asked.as_ref()?;
        let same = |step: &course::CourseStep| step.amount.to_bits() == self.dial.to_bits();
        let on_course = self.view.as_ref().filter(|view| view.key == *asked).and_then(|view| {
            view.steps.get(view.key.course.nearest(self.dial)).map(Arc::as_ref).filter(|step| same(step))
        });
        let between = self.at_dial.as_ref().filter(|view| same_passes(&view.key, asked));
        on_course.or_else(|| between.map(|view| &view.step).filter(|step| same(step)))
    }

    /// What stands at the dial: the step there, or the last one that was known.
    #[must_use]
    pub fn shown(&self) -> Option<&course::CourseStep> {
        let nearest = || {
            let view = self.view.as_ref()?;
            view.steps.get(view.key.course.nearest(self.dial)).map(Arc::as_ref)
        };
        self.at_dial().or_else(nearest)
    }

    /// A job ended: done, or stopped by the user, who is then told that nothing more is coming.
    pub fn ended(&mut self) {
        if self.view.as_ref().is_none_or(|view| Some(&view.key) != self.asked.as_ref()) {
            self.asked = self.view.as_ref().map(|view| view.key.clone());
        }
    }

    /// Forgets what was of the dataset that is gone.
    pub fn forget(&mut self) {
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

    /// What the tab asks now.
    fn question(&self, shared: &Shared) -> Option<RotateKey> {
        let subject = shared.subject(self.origin?)?;
        let own = shared.model.key();
        let (network, sampled) = if self.paper {
            // A graph has no place that the paper speaks of: its own stay.
            let placed = own.dropout.placement().map(|_| DropoutAt::Placed(Placement::Last));
            let network = NetworkKey { dropout: placed.unwrap_or(own.dropout), ..own };
            (network, SweepConfig { seed: shared.settings.sweep.seed, ..PAPER })
        } else {
            (own, shared.settings.sweep)
        };
        let course = self.course();
        Some(RotateKey { subject, network, sampled, course })
    }

    /// The tab comes into sight: an image looked at since takes the place of the one shown.
    pub fn enter(&mut self, shared: &mut Shared) -> Steps {
        let looked_at = shared.looked_at();
        shared.settings.tab = Tab::Rotate;
        if looked_at != self.followed || self.origin.is_none() {
            self.followed = looked_at;
            if looked_at.is_some() {
                self.origin = looked_at;
                self.paper = false;
                self.bring_dial_in();
            }
        }
        self.ask(shared)
    }

    /// Asks for what the tab shows and does not have yet.
    pub fn ask(&mut self, shared: &Shared) -> Steps {
        if shared.settings.tab != Tab::Rotate {
            return Steps::new();
        }
        if self.origin.is_none() {
            self.followed = shared.inspected();
            self.origin = self.followed;
        }
        let Some(key) = self.question(shared) else {
            // An erased drawing, a deleted digit.
            self.view = None;
            self.asked = None;
            self.playing = false;
            return Steps::new();
        };
        let complete = self.view.as_ref().is_some_and(|view| view.key == key && view.is_complete());
        let runs = shared.jobs.run(Slot::Rotate);
        let same = self.asked.as_ref() == Some(&key);
        self.asked = Some(key.clone());
        let mut steps: Steps = self.ask_dial(shared).into_iter().collect();
        if !(complete || runs && same) {
            let job = RotateJob { key, model: shared.model.clone(), amount: None };
            steps.push(Step::submit(Job::Rotate(Box::new(job))));
        }
        steps
    }

    /// Asks for the image at the dial when no step is there.
    fn ask_dial(&self, shared: &Shared) -> Option<Step> {
        let key = self.asked.clone()?;
        let course = key.course;
        let on_step = course.amount(course.nearest(self.dial)).to_bits() == self.dial.to_bits();
        if on_step || self.at_dial().is_some() {
            return None;
        }
        let job = RotateJob { key, model: shared.model.clone(), amount: Some(self.dial) };
        Some(Step::submit(Job::Rotate(Box::new(job))))
    }

    /// More of a course. What was complete stays until the new course is, unless it is of another image or course.
    pub fn rotated(&mut self, view: Arc<RotateView>) {
        if self.asked.as_ref() != Some(&view.key) {
            return;
        }
        let comparable = self.view.as_ref().is_some_and(|old| {
            old.is_complete()
                && old.key.subject.origin == view.key.subject.origin
                && old.key.course == view.key.course
        });
        if view.is_complete() || !comparable {
            self.view = Some(view);
        }
    }

    /// The image at the dial, unless the question is another by now. An older amount is better than none.
    pub fn dialled(&mut self, view: Arc<DialView>) {
        if self.asked.as_ref().is_some_and(|asked| same_passes(asked, &view.key)) {
            self.at_dial = Some(view);
        }
    }

    /// Carries out a user action in the Rotate tab.
    pub fn update(&mut self, action: &RotateAction, shared: &mut Shared) -> Steps {
        let course = self.course();
        match *action {
            RotateAction::Open(origin) => return self.open(origin, shared),
            RotateAction::OpenSelected => {
                let Some(origin) = shared.looked_at() else { return Steps::new() };
                return self.open(origin, shared);
            }
            RotateAction::Copy => return self.copy(shared),
            RotateAction::Paper => return self.show_paper(shared),
            RotateAction::Explore => self.paper = false,
            RotateAction::By(by) => {
                self.paper = false;
                self.choices.by = by;
                self.dial = self.course().amount(self.course().nearest(0.0));
                if shared.settings.tab != Tab::Rotate {
                    return self.enter(shared);
                }
            }
            RotateAction::Range(from, to) => {
                self.paper = false;
                self.choices.by = course.by;
                self.choices.courses[course.by as usize] = Course { from, to, ..course }.sanitised();
            }
            RotateAction::Steps(steps) => {
                self.paper = false;
                self.choices.by = course.by;
                let steps = steps.clamp(*STEPS.start(), *STEPS.end());
                self.choices.courses[course.by as usize] = Course { steps, ..course };
            }
            RotateAction::Dial(amount) => {
                self.playing = false;
                self.dial = amount;
            }
            RotateAction::Walk(steps) => {
                self.playing = false;
                let at = course.nearest(self.dial).saturating_add_signed(steps);
                self.dial = course.amount(at.min(course.steps - 1));
            }
            RotateAction::Advance => {
                let next = (course.nearest(self.dial) + 1) % course.steps;
                self.dial = course.amount(next);
            }
            RotateAction::Play(playing) => self.playing = playing && self.view.is_some(),
            RotateAction::Class(class) => {
                let mut classes = self.classes().to_vec();
                match classes.binary_search(&class) {
                    Ok(at) => drop(classes.remove(at)),
                    Err(at) => classes.insert(at, class),
                }
                self.chosen = Some(classes);
            }
            RotateAction::TopClasses => self.chosen = None,
        }
        self.bring_dial_in();
        shared.settings.rotate = self.choices;
        self.ask(shared)
    }

    fn open(&mut self, origin: Origin, shared: &mut Shared) -> Steps {
        if shared.subject(origin).is_none() {
            let text = match origin {
                Origin::Drawing => "There is no drawing to turn yet: draw a digit first.",
                Origin::Dataset(_) | Origin::Kept(_) | Origin::Foreign(_) => "This image is no longer there.",
            };
            shared.refuse(text);
            return Steps::new();
        }
        self.followed = shared.looked_at();
        shared.settings.tab = Tab::Rotate;
        self.origin = Some(origin);
        self.paper = false;
        self.bring_dial_in();
        self.ask(shared)
    }

    /// The course on the screen, to be drawn or written.
    ///
    /// # Errors
    /// When it is not sampled yet.
    pub fn file(&self, shared: &Shared, table: bool) -> Result<RotationFile, String> {
        let view = self.view.as_ref().filter(|_| !self.is_stale());
        let view = view.ok_or("There is no course yet: open an image in Rotate and wait for its steps.")?;
        Ok(RotationFile {
            view: Arc::clone(view),
            classes: self.classes().to_vec(),
            trained: shared.model.key().dropout,
            model: shared.model.what.named(),
            sites: shared.model.what.sites(view.key.sampled.dropout),
            data: shared.data_of(view.key.subject.origin),
            table,
        })
    }

    /// The figure for the clipboard: at most as many dots as can be told apart, so it is made in no time.
    fn copy(&self, shared: &mut Shared) -> Steps {
        match self.file(shared, false) {
            Ok(file) => {
                let chart = Arc::new(file.figure().into());
                vec![Step::submit(Job::Chart { chart, form: ChartForm::Picture })]
            }
            Err(why) => {
                shared.refuse(why);
                Steps::new()
            }
        }
    }

    /// The paper's setting on the "1" that the network doubts least, or on the first while nothing is measured.
    fn show_paper(&mut self, shared: &mut Shared) -> Steps {
        let Some(dataset) = &shared.dataset else {
            shared.refuse("There is no \"1\" to turn: wait for the images.");
            return Steps::new();
        };
        let surest = match &shared.run.gallery {
            Some(view) => view.surest_one,
            None => dataset.digits.first(1),
        };
        let Some(index) = surest else {
            shared.refuse("The dataset has no image labelled 1, which the figure turns.");
            return Steps::new();
        };
        self.followed = shared.looked_at();
        shared.settings.tab = Tab::Rotate;
        self.origin = Some(Origin::Dataset(index));
        self.paper = true;
        self.choices.by = Distortion::Rotation;
        self.chosen = None;
        self.dial = 0.0;
        self.ask(shared)
    }
}

/// Whether two questions are answered by the same passes of the same image, whatever the steps.
fn same_passes(a: &RotateKey, b: &RotateKey) -> bool {
    a.subject == b.subject && a.network == b.network && a.sampled == b.sampled && a.course.by == b.course.by
}
