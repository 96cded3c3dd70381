//! What the Draw tab does: actions in, questions to the workers out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::drawing::{DrawPage, Drawing, StartedFrom, WIDTH_STEP, WIDTHS, Watch};
use crate::data::Class;
use crate::data::ink::{PictureOptions, Sheet};
use crate::data::kept::{KeptDigit, to_bytes};
use crate::gui::action::DrawAction;
use crate::gui::effect::{Effect, Follow, Step, Steps};
use crate::gui::settings::Tab;
use crate::gui::shared::{Gravity, Shared};
use crate::shown::subject;
use crate::shown::{DrawView, Features, KeepWork, Kept, Neighbours, PictureSource, PictureView};
use crate::worker::{Job, Slot};

impl Drawing {
    /// Asks the network about the sheet that is shown; an explanation of what it was before, which would keep the
    /// pen waiting, is stopped.
    pub fn ask(&self, shared: &mut Shared) -> Steps {
        shared.sights.pen_down = self.live.is_some();
        shared.sights.drawing = self.page.drawing;
        if self.is_blank() && shared.sights.drawn.is_none() {
            return Steps::new();
        }
        let question = Step::submit(Job::Draw {
            sheet: self.shown(),
            drawing: self.page.drawing,
            asked: shared.asked(),
        });
        vec![Follow::StopExplaining.into(), question]
    }

    /// Carries out a user action in the Draw tab.
    pub fn update(&mut self, action: DrawAction, shared: &mut Shared) -> Steps {
        let width = |width: f32| width.clamp(*WIDTHS.start(), *WIDTHS.end());
        match action {
            DrawAction::Begin { at, erase } => {
                self.begin(at, erase);
                self.ask(shared)
            }
            DrawAction::Extend(points) => {
                if self.extend(&points) {
                    self.ask(shared)
                } else {
                    Steps::new()
                }
            }
            DrawAction::End => {
                self.end();
                self.ask(shared)
            }
            DrawAction::Clear => {
                shared.settings.tab = Tab::Draw;
                self.open(DrawPage::default(), shared.sights.label);
                shared.sights.label = None;
                self.ask(shared)
            }
            DrawAction::Scrub(at) => {
                self.end();
                self.scrub = at.filter(|at| *at + 1 < self.history.len());
                self.ask(shared)
            }
            DrawAction::OpenImage(origin) => self.open_image(origin, shared),
            DrawAction::OpenSelected => {
                shared.inspected().map_or_else(Steps::new, |origin| self.open_image(origin, shared))
            }
            DrawAction::OpenFound { picture, place } => self.open_found(picture, place, shared),
            DrawAction::OpenKept(id) => self.open_kept(id, shared),
            DrawAction::ReadAgain(options) => self.read_again(options, shared),
            DrawAction::Paste(pasted) => self.read_pictures(vec![PictureSource::Pasted(pasted)], shared),
            DrawAction::Keep => self.keep(shared),
            DrawAction::DeleteKept(id) => vec![self.keep_work(KeepWork::Delete(id))],
            DrawAction::Copy => {
                let seen = shared.sights.drawn.as_ref().and_then(|view| view.seen.as_ref());
                seen.map(|seen| Effect::CopyPixels(to_bytes(&seen.image)).into()).into_iter().collect()
            }
            DrawAction::SetWidth(wanted) => {
                self.width = width(wanted);
                Steps::new()
            }
            DrawAction::Wider => {
                self.width = width(self.width + WIDTH_STEP);
                Steps::new()
            }
            DrawAction::Thinner => {
                self.width = width(self.width - WIDTH_STEP);
                Steps::new()
            }
            DrawAction::ToggleEraser => {
                self.eraser = !self.eraser;
                Steps::new()
            }
            DrawAction::SetLabel(label) => {
                shared.sights.label = label;
                Steps::new()
            }
            DrawAction::Watch(on) => {
                self.watch = on.then_some(Watch { pass: 1, playing: true });
                Steps::new()
            }
            DrawAction::WatchPass(pass) => {
                self.watch_pass(pass, passes_drawn(shared));
                Steps::new()
            }
            DrawAction::WatchPlay(playing) => {
                self.watch_play(playing, passes_drawn(shared));
                Steps::new()
            }
            DrawAction::ShowPicture(id) => {
                self.picture = Some(id);
                Steps::new()
            }
            DrawAction::ForgetPictures => {
                self.pictures.clear();
                self.picture = None;
                Steps::new()
            }
        }
    }

    /// Back to before the last stroke.
    pub fn go_back(&mut self, shared: &mut Shared) -> Steps {
        shared.sights.label = self.undo(shared.sights.label);
        self.ask(shared)
    }

    /// Forward again.
    pub fn go_forward(&mut self, shared: &mut Shared) -> Steps {
        shared.sights.label = self.redo(shared.sights.label);
        self.ask(shared)
    }

    /// The Draw tab comes into sight: what it needs and does not have yet.
    pub fn enter(&mut self, shared: &mut Shared) -> Steps {
        shared.settings.tab = Tab::Draw;
        let mut steps: Steps = want_features(shared).into_iter().collect();
        let asked = shared.settings.sweep;
        let current = |view: &DrawView| view.sampled == asked && view.network == shared.model.key();
        let current = shared.sights.drawn.as_deref().is_some_and(current);
        if !current {
            steps.extend(self.ask(shared));
        }
        steps.push(Follow::Explain.into());
        steps
    }

    /// Puts a drawing of this label on the paper, or takes the one there away; undo brings it back.
    pub fn put_back(&mut self, drawing: Option<(Sheet, Option<Class>)>, shared: &mut Shared) {
        let (sheet, label) = drawing.unwrap_or_default();
        if sheet != self.now() {
            self.open(DrawPage { sheet, ..DrawPage::default() }, shared.sights.label);
        }
        shared.sights.label = label;
    }

    fn open_page(&mut self, page: DrawPage, label: Option<Class>, shared: &mut Shared) -> Steps {
        self.open(page, shared.sights.label);
        shared.sights.label = label;
        let mut steps = self.enter(shared);
        steps.extend(self.ask(shared));
        steps
    }

    fn open_image(&mut self, origin: subject::Origin, shared: &mut Shared) -> Steps {
        let from = match origin {
            subject::Origin::Kept(id) => return self.open_kept(id, shared),
            subject::Origin::Drawing => return self.enter(shared),
            subject::Origin::Foreign(index) => StartedFrom::Foreign(index),
            subject::Origin::Dataset(_) if !shared.is_drawable() => {
                shared.refuse("These images are nothing that a pen draws: open a picture in Draw instead.");
                return Steps::new();
            }
            subject::Origin::Dataset(index) => {
                let labels = shared.dataset.as_ref().map(|dataset| dataset.digits.labels());
                let Some(&label) = labels.and_then(|labels| labels.get(index as usize)) else {
                    return Steps::new();
                };
                StartedFrom::Image { index, label }
            }
        };
        let Some(image) = shared.subject(origin) else { return Steps::new() };
        let page = DrawPage::new(Sheet::with(*image.pixels), from);
        self.open_page(page, image.label, shared)
    }

    fn open_kept(&mut self, id: u64, shared: &mut Shared) -> Steps {
        let Some(digit) = shared.sights.kept.iter().find(|digit| digit.id == id) else {
            return Steps::new();
        };
        let label = digit.label;
        let page = DrawPage::new(digit.sheet(), StartedFrom::Kept(id));
        self.open_page(page, label, shared)
    }

    fn open_found(&mut self, id: u64, place: usize, shared: &mut Shared) -> Steps {
        let Some(view) = self.picture(id) else { return Steps::new() };
        let Some(found) = view.steps.found.get(place) else { return Steps::new() };
        let page = DrawPage::new(Sheet::with(found.image), StartedFrom::Picture { id, place });
        self.picture = Some(id);
        self.open_page(page, None, shared)
    }

    /// Reads pictures and shows them in the Draw tab.
    pub fn read_pictures(&mut self, sources: Vec<PictureSource>, shared: &mut Shared) -> Steps {
        if shared.takes_colour() {
            shared.refuse(
                "The network takes images in colour: open the pictures as data (File menu), and look at them in the gallery.",
            );
            return Steps::new();
        }
        let list = sources.into_iter().map(|source| {
            let id = self.next_picture;
            self.next_picture += 1;
            (id, source)
        });
        let list: Vec<_> = list.collect();
        let mut steps = self.enter(shared);
        let asked = shared.asked();
        // What is no drawing has no ink to be looked for.
        let options = PictureOptions { whole: !shared.is_drawable(), ..PictureOptions::default() };
        steps.push(Step::submit(Job::ReadPictures { list, options, asked }));
        steps
    }

    /// Reads picture files.
    pub fn open_pictures(&mut self, paths: Vec<PathBuf>, shared: &mut Shared) -> Steps {
        self.read_pictures(paths.into_iter().map(PictureSource::File).collect(), shared)
    }

    fn read_again(&self, options: PictureOptions, shared: &Shared) -> Steps {
        let Some(view) = self.shown_picture() else { return Steps::new() };
        let list = vec![(view.id, PictureSource::Again(Arc::clone(view)))];
        vec![Step::submit(Job::ReadPictures { list, options, asked: shared.asked() })]
    }

    /// The first digit of the first picture comes onto the sheet; a picture read again takes its digit's place.
    pub fn picture_read(&mut self, view: Arc<PictureView>, shared: &mut Shared) -> Steps {
        let id = view.id;
        let again = self.picture(id).is_some();
        // Of several that come at once the first is shown, and a new one later takes over.
        let waiting = shared.jobs.run_answered(Slot::Pictures, true);
        shared.jobs.answered(Slot::Pictures);
        let largest = view.steps.largest();
        let digits = view.steps.found.len();
        self.add_picture(view);
        if again {
            let Some(StartedFrom::Picture { id: shown, place }) = self.page.origin.clone() else {
                return largest.map_or_else(Steps::new, |place| self.open_found(id, place, shared));
            };
            if shown != id || digits == 0 {
                return Steps::new();
            }
            return self.open_found(id, place.min(digits - 1), shared);
        }
        if waiting {
            return Steps::new();
        }
        self.picture = Some(id);
        match largest {
            // Several digits are read from the first on.
            Some(largest) => self.open_found(id, if digits > 1 { 0 } else { largest }, shared),
            None => Steps::new(),
        }
    }

    /// The network has spoken of a drawing.
    pub fn came(&mut self, view: Arc<DrawView>, shared: &mut Shared) -> Steps {
        self.receive(&view);
        shared.sights.drawn = Some(view);
        let mut steps: Steps = vec![Follow::DrawingRests.into()];
        if self.live.is_none() {
            steps.extend(ask_neighbours(shared));
        }
        steps
    }

    /// The hidden features of the dataset are there: the drawing is compared with them.
    #[must_use]
    pub fn features_came(&self, features: Arc<Features>, shared: &mut Shared) -> Steps {
        shared.features = Some(features);
        let mut steps: Steps = ask_neighbours(shared).into_iter().collect();
        steps.push(Follow::Explain.into());
        steps
    }

    /// Neighbours of the dataset that is open.
    pub fn found_neighbours(&mut self, found: Arc<Neighbours>, shared: &Shared) {
        let current =
            shared.dataset.as_ref().is_some_and(|dataset| Arc::ptr_eq(&dataset.digits, &found.digits));
        let inked = shared.sights.drawn.as_ref().is_some_and(|view| view.seen.is_some());
        if current && inked {
            self.neighbours = Some(found);
        }
    }

    /// Where kept digits lie, and the question for them.
    pub fn load_kept(&mut self, folder: Option<PathBuf>) -> Option<Step> {
        self.my_digits = folder;
        self.my_digits.is_some().then(|| self.keep_work(KeepWork::Load))
    }

    fn keep_work(&self, work: KeepWork) -> Step {
        Step::submit(Job::Keep { folder: self.my_digits.clone(), work })
    }

    fn keep(&mut self, shared: &mut Shared) -> Steps {
        self.end();
        shared.sights.pen_down = false;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        // An id tells when it was kept, and is new also when the clock was set back.
        let id = now.max(shared.sights.kept.last().map_or(0, |digit| digit.id) + 1);
        if let Some(digit) = KeptDigit::new(id, shared.sights.label, &self.shown()) {
            return vec![self.keep_work(KeepWork::Save(digit))];
        }
        shared.refuse("There is no ink to keep: draw a digit first.");
        Steps::new()
    }

    /// What came of keeping digits.
    pub fn kept(&self, kept: Kept, shared: &mut Shared) {
        match kept {
            Kept::Loaded(digits) => shared.sights.kept = digits,
            Kept::Saved(digit) => {
                let place = if self.my_digits.is_some() { "" } else { " until the window closes" };
                shared.notices.say(Gravity::News, format!("Kept in My digits{place}."));
                shared.sights.keep(digit);
            }
            Kept::Deleted(id) => shared.sights.kept.retain(|digit| digit.id != id),
        }
    }
}

/// Asks for the hidden features of the dataset while the Draw tab is open and there are none yet.
#[must_use]
pub fn want_features(shared: &Shared) -> Option<Step> {
    if shared.settings.tab == Tab::Draw { shared.ask_features() } else { None }
}

/// Asks for the images closest to the drawing.
fn ask_neighbours(shared: &Shared) -> Option<Step> {
    let features = shared.current_features()?;
    let seen = shared.sights.drawn.as_ref()?.seen.as_ref()?;
    Some(Step::submit(Job::Neighbours { image: Box::new(seen.image), features, model: shared.model.clone() }))
}

fn passes_drawn(shared: &Shared) -> usize {
    shared.sights.drawn.as_ref().map_or(1, |view| view.sampled.passes)
}
