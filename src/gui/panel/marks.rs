//! Marks: what a person says of the image looked at, and the queue that leads from one to the next.

use std::path::PathBuf;

use crate::data::Class;
use crate::data::marks::{Change, Mark, Marks, Review, Tally};
use crate::gui::action::MarksAction;
use crate::gui::effect::{Follow, Step, Steps};
use crate::gui::settings::{Arrangement, Tab};
use crate::gui::shared::{Gravity, Shared};
use crate::shown::subject::Origin;
use crate::shown::{MarkWork, Marked, Only, Ranked};
use crate::worker::Job;

/// A wrong label whose right one is not known.
const OPEN: Review = Review::Marked(Mark::WrongLabel { new_label: None });

/// Images to look at, one after the other.
#[derive(Clone, Debug)]
pub struct Queue {
    /// What they are.
    pub name: String,
    /// The order in which they are looked at, and the place of each in it.
    images: Ranked,
    /// The place of the image looked at.
    pub at: usize,
    /// How far a person has come.
    pub progress: String,
}

/// What is known of marks besides themselves.
#[derive(Debug, Default)]
pub struct MarksPanel {
    /// Where they lie; `None`: they last as long as the window.
    folder: Option<PathBuf>,
    /// The image whose right label is waited for.
    pub waits: Option<u32>,
    /// The images gone through.
    pub queue: Option<Queue>,
    /// What was said so far.
    pub tally: Tally,
}

impl MarksPanel {
    /// Keeps marks in this folder from now on.
    pub fn keep_in(&mut self, folder: Option<PathBuf>) {
        self.folder = folder;
    }

    /// Images came: their marks are read.
    pub fn load(&mut self, shared: &mut Shared) -> Option<Step> {
        (self.waits, self.queue) = (None, None);
        self.tally = Tally::default();
        shared.marks = None;
        let digits = shared.dataset.as_ref()?.digits.clone();
        Some(self.work(MarkWork::Load(digits)))
    }

    /// What came of reading or saving.
    pub fn came(&mut self, done: Marked, shared: &mut Shared) {
        match done {
            Marked::Loaded(marks) => {
                shared.marks = Some(marks);
                self.count(shared);
            }
            Marked::Saved { .. } => {}
        }
    }

    /// Makes marks what they were, or will be again.
    pub fn restore(&mut self, then: Option<Marks>, shared: &mut Shared) -> Option<Step> {
        let (now, then) = (shared.marks.as_ref()?, then?);
        let changes = now.changes_to(&then);
        shared.marks = Some(then);
        self.waits = None;
        if let (Some(queue), Some(Origin::Dataset(index))) = (&mut self.queue, shared.inspected())
            && let Some(place) = queue.images.place(index)
        {
            queue.at = place;
            // Its right label is asked for as it was.
            let open = is_open(shared, index);
            self.waits = open.then_some(index);
        }
        self.count(shared);
        if changes.is_empty() { None } else { self.save(changes, shared) }
    }

    /// Carries out a user action.
    pub fn update(&mut self, action: MarksAction, shared: &mut Shared) -> Steps {
        match action {
            MarksAction::Set(mark) => self.set(mark, shared),
            MarksAction::NewLabel(label) => self.new_label(label, shared),
            MarksAction::LeaveOpen => {
                if self.waits.take().is_some() {
                    self.go_on(shared)
                } else {
                    Steps::new()
                }
            }
            MarksAction::Clear => {
                self.waits = None;
                self.say(Review::Unseen, shared).into_iter().collect()
            }
            MarksAction::Review => self.review(shared),
            MarksAction::Next => {
                self.waits = None;
                let unseen = index_of(shared)
                    .zip(shared.marks.as_ref())
                    .is_some_and(|(index, marks)| marks.review(index) == Review::Unseen);
                let mut steps: Steps =
                    if unseen { self.say(Review::Seen, shared).into_iter().collect() } else { Steps::new() };
                steps.extend(self.go_on(shared));
                steps
            }
            MarksAction::Previous => {
                self.waits = None;
                let Some(queue) = &mut self.queue else { return Steps::new() };
                queue.at = queue.at.saturating_sub(1);
                self.look()
            }
            MarksAction::LeaveReview => {
                (self.waits, self.queue) = (None, None);
                Steps::new()
            }
            MarksAction::ShowOnly(mark) => show_only(mark, shared),
        }
    }

    fn set(&mut self, mark: Mark, shared: &mut Shared) -> Steps {
        let Some(index) = markable(shared) else { return Steps::new() };
        let now = shared.marks.as_ref().map(|marks| marks.review(index)).unwrap_or_default();
        let wrong = matches!(mark, Mark::WrongLabel { .. });
        if wrong && matches!(now.mark(), Some(Mark::WrongLabel { .. })) {
            // Said before: another right label may follow.
            self.waits = Some(index);
            return Steps::new();
        }
        let mut steps: Steps = self.say(Review::Marked(mark), shared).into_iter().collect();
        self.waits = wrong.then_some(index);
        if !wrong {
            steps.extend(self.go_on(shared));
        }
        steps
    }

    fn new_label(&mut self, label: Class, shared: &mut Shared) -> Steps {
        let waits = self.waits.take();
        let Some(index) = waits.filter(|index| index_of(shared) == Some(*index)) else { return Steps::new() };
        let own = shared.dataset.as_ref().and_then(|data| data.digits.label(index));
        if own == Some(label) {
            self.waits = waits;
            let names = shared.names();
            let (name, key) = (names.labels.name(label), if names.are_digits() { "digit" } else { "key" });
            let text = format!("Its label is {name} already: press another {key}, or Esc.");
            shared.notices.say(Gravity::News, text);
            return Steps::new();
        }
        let said = Review::Marked(Mark::WrongLabel { new_label: Some(label) });
        let mut steps: Steps = self.say(said, shared).into_iter().collect();
        steps.extend(self.go_on(shared));
        steps
    }

    /// Says something of the image looked at, in one step of the history, and saves it.
    fn say(&mut self, review: Review, shared: &mut Shared) -> Option<Step> {
        let index = markable(shared)?;
        let digits = shared.dataset.as_ref()?.digits.clone();
        let change = shared.marks.as_ref()?.change(&digits, index, review)?;
        // A wrong label and the right one are one decision, and one step back.
        let goes_on = review.new_label().is_some() && shared.only_marked(index, OPEN);
        if !goes_on {
            shared.remember();
        }
        shared.marks.as_mut()?.apply(change);
        self.count(shared);
        self.save(vec![change], shared)
    }

    fn save(&self, changes: Vec<Change>, shared: &Shared) -> Option<Step> {
        let dataset = shared.marks.as_ref()?.dataset();
        Some(self.work(MarkWork::Save { dataset, changes }))
    }

    fn work(&self, work: MarkWork) -> Step {
        Step::submit(Job::Marks { folder: self.folder.clone(), work })
    }

    fn count(&mut self, shared: &Shared) {
        let Some(marks) = &shared.marks else { return };
        self.tally = marks.tally();
        if let Some(queue) = &mut self.queue {
            let tally = marks.tally_of(|index| queue.images.place(index).is_some());
            queue.progress = tally.describe(queue.images.order.len());
        }
    }

    fn review(&mut self, shared: &mut Shared) -> Steps {
        let (Some(view), Some(marks)) = (shared.run.gallery.clone(), &shared.marks) else {
            shared.refuse("There are no images to review yet.");
            return Steps::new();
        };
        let order = view.ranked.order.clone();
        let Some(at) = order.iter().position(|index| marks.review(*index) == Review::Unseen) else {
            let text = "Every image shown was looked at: choose another shelf or filter to review.";
            shared.notices.say(Gravity::News, text);
            return Steps::new();
        };
        let name = match (shared.shelf(), view.limit()) {
            (Some(shelf), _) => shelf.label().to_owned(),
            (None, Some(limit)) => limit.name,
            (None, None) => format!("by {}", view.query.measure.label().to_lowercase()),
        };
        let name = match shared.settings.digit {
            Some(class) if view.names.labels.are_digits() => format!("{name}, digit {class}"),
            Some(class) => format!("{name}, {}", view.names.labels.name(class)),
            None => name,
        };
        let images = Ranked::new(order, Vec::new(), view.measures.len());
        self.queue = Some(Queue { name, images, at, progress: String::new() });
        self.count(shared);
        shared.remember();
        shared.settings.inspector_open = true;
        // The halves show only the ends of the queue.
        shared.settings.arrangement = Arrangement::Ranking;
        let mut steps = Steps::new();
        if !shared.has_inspector() {
            steps.push(Follow::ShowTab(Tab::Gallery).into());
        }
        steps.extend(self.look());
        steps
    }

    /// On to the next image of the queue that nobody has looked at.
    fn go_on(&mut self, shared: &mut Shared) -> Steps {
        let (Some(queue), Some(marks)) = (&mut self.queue, &shared.marks) else { return Steps::new() };
        let rest = queue.images.order.iter().enumerate().skip(queue.at + 1);
        let mut unseen = rest.filter(|(_, index)| marks.review(**index) == Review::Unseen);
        if let Some((place, _)) = unseen.next() {
            queue.at = place;
            return self.look();
        }
        let text = format!("The queue is through: {}.", queue.progress);
        self.queue = None;
        shared.notices.say(Gravity::Done, text);
        Steps::new()
    }

    fn look(&self) -> Steps {
        let index = self.queue.as_ref().and_then(|queue| queue.images.order.get(queue.at));
        index.map(|index| Follow::WalkTo(*index).into()).into_iter().collect()
    }
}

/// The image that can be marked; says why when there is none.
fn markable(shared: &mut Shared) -> Option<u32> {
    if shared.marks.is_none() {
        shared.refuse("The marks of these images are not there: they are still being read, or could not be.");
        return None;
    }
    let index = index_of(shared);
    if index.is_none() {
        shared.refuse("Select an image of the dataset to mark it.");
    }
    index
}

/// Whether an image's label was called wrong without the right one.
fn is_open(shared: &Shared, index: u32) -> bool {
    let review = shared.marks.as_ref().map(|marks| marks.review(index)).unwrap_or_default();
    review == OPEN
}

/// The image of the dataset that is looked at.
fn index_of(shared: &Shared) -> Option<u32> {
    match shared.inspected() {
        Some(Origin::Dataset(index)) => Some(index),
        _ => None,
    }
}

/// Limits the gallery to the images marked alike, whatever the right label is.
/// What a chip calls the images marked so.
#[must_use]
pub fn limit_name(mark: Mark) -> String {
    format!("marked “{}”", Review::Marked(mark).word())
}

fn show_only(mark: Mark, shared: &mut Shared) -> Steps {
    let alike = |review: Review| match (review.mark(), mark) {
        (Some(Mark::WrongLabel { .. }), Mark::WrongLabel { .. }) => true,
        (said, mark) => said == Some(mark),
    };
    let found = |marks: &Marks| -> Vec<u32> {
        marks.iter().filter(|(_, _, review)| alike(*review)).map(|(index, ..)| index).collect()
    };
    let indices = shared.marks.as_ref().map(found).unwrap_or_default();
    let word = Review::Marked(mark).word();
    if indices.is_empty() {
        shared.notices.say(Gravity::News, format!("No image is marked “{word}” yet."));
        return Steps::new();
    }
    shared.remember();
    shared.show_only(Some(Only { name: limit_name(mark), indices }.into()))
}
