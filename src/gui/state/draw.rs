//! How the Draw tab changes the state: actions in, questions to the workers out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Effect, State};
use crate::data::ink::{Options, Sheet};
use crate::data::kept::{KeptDigit, to_bytes};
use crate::gui::drawing::{DrawAction, Origin, Page, WIDTH_STEP, WIDTHS, Watch};
use crate::gui::notices::Gravity;
use crate::gui::settings::Tab;
use crate::shown::subject;
use crate::shown::{Asked, DrawView, Features, KeepWork, Kept, Neighbours, PictureSource, PictureView};
use crate::worker::{Job, Slot};

impl State {
    /// What is asked of a drawing.
    pub(in crate::gui) fn asked(&self) -> Asked {
        Asked { model: self.model.clone(), config: self.settings.sweep }
    }

    /// Asks the network about the sheet that is shown; an explanation of what it was before, which would keep the
    /// pen waiting, is stopped.
    pub(super) fn ask_drawing(&mut self) -> Vec<Effect> {
        if self.drawing.is_blank() && self.drawing.view.is_none() {
            return Vec::new();
        }
        let mut effects = self.stop_explaining();
        effects.push(Effect::submit(Job::Draw { sheet: self.drawing.shown(), asked: self.asked() }));
        effects
    }

    /// Carries out what a person did in the Draw tab.
    pub(super) fn apply_draw(&mut self, action: DrawAction) -> Vec<Effect> {
        let drawing = &mut self.drawing;
        match action {
            DrawAction::Begin { at, erase } => drawing.begin(at, erase),
            DrawAction::Extend(points) => {
                if !drawing.extend(&points) {
                    return Vec::new();
                }
            }
            DrawAction::End => drawing.end(),
            DrawAction::Clear => {
                self.settings.tab = Tab::Draw;
                self.drawing.open(Page::default(), None);
            }
            DrawAction::Scrub(at) => {
                drawing.end();
                drawing.scrub = at.filter(|at| *at + 1 < drawing.history.len());
            }
            DrawAction::OpenImage(index) => return self.open_image(index),
            DrawAction::OpenSelected => {
                return self.inspected().map_or_else(Vec::new, |origin| self.open_image(origin));
            }
            DrawAction::OpenFound { picture, place } => return self.open_found(picture, place),
            DrawAction::OpenKept(id) => {
                let Some(digit) = drawing.kept.iter().find(|digit| digit.id == id) else { return Vec::new() };
                let label = digit.label;
                let page = Page { sheet: digit.sheet(), origin: Some(Origin::Kept(id)) };
                return self.open_page(page, label);
            }
            DrawAction::ReadAgain(options) => return self.read_again(options),
            DrawAction::Paste(pasted) => {
                return self.read_pictures(vec![PictureSource::Pasted(pasted)]);
            }
            DrawAction::Keep => return self.keep_drawing(),
            DrawAction::DeleteKept(id) => return vec![self.keep_work(KeepWork::Delete(id))],
            DrawAction::Copy => {
                let seen = drawing.view.as_ref().and_then(|view| view.seen.as_ref());
                return seen.map_or_else(Vec::new, |seen| vec![Effect::CopyPixels(to_bytes(&seen.image))]);
            }
            other => {
                self.apply_pen(&other);
                return Vec::new();
            }
        }
        self.ask_drawing()
    }

    /// Actions that change no ink.
    fn apply_pen(&mut self, action: &DrawAction) {
        let drawing = &mut self.drawing;
        let width = |width: f32| width.clamp(*WIDTHS.start(), *WIDTHS.end());
        match *action {
            DrawAction::SetWidth(wanted) => drawing.width = width(wanted),
            DrawAction::Wider => drawing.width = width(drawing.width + WIDTH_STEP),
            DrawAction::Thinner => drawing.width = width(drawing.width - WIDTH_STEP),
            DrawAction::ToggleEraser => drawing.eraser = !drawing.eraser,
            DrawAction::SetLabel(label) => drawing.label = label,
            DrawAction::Watch(on) => drawing.watch = on.then_some(Watch { pass: 1, playing: true }),
            DrawAction::WatchPass(pass) => {
                let passes = drawing.view.as_ref().map_or(1, |view| view.sampled.passes);
                if let Some(watch) = &mut drawing.watch {
                    watch.pass = pass.clamp(1, passes);
                    watch.playing &= pass < passes;
                }
            }
            DrawAction::WatchPlay(playing) => {
                let passes = drawing.view.as_ref().map_or(1, |view| view.sampled.passes);
                if let Some(watch) = &mut drawing.watch {
                    watch.playing = playing;
                    if playing && watch.pass >= passes {
                        watch.pass = 1;
                    }
                }
            }
            DrawAction::ShowPicture(id) => drawing.picture = Some(id),
            DrawAction::ForgetPictures => {
                drawing.pictures.clear();
                drawing.picture = None;
            }
            _ => {}
        }
    }

    /// The Draw tab comes into sight: what it needs and does not have yet.
    pub(super) fn enter_draw(&mut self) -> Vec<Effect> {
        self.settings.tab = Tab::Draw;
        let mut effects: Vec<Effect> = self.want_features().into_iter().collect();
        let asked = self.settings.sweep;
        let current = self
            .drawing
            .view
            .as_ref()
            .is_some_and(|view| view.sampled == asked && view.model == self.model.hash);
        if !current {
            effects.extend(self.ask_drawing());
        }
        effects.extend(self.ask_explanation());
        effects
    }

    /// Asks for the hidden features of the dataset when there are none of it.
    pub(super) fn want_features(&self) -> Option<Effect> {
        if self.settings.tab == Tab::Draw { self.ask_features() } else { None }
    }

    /// The same wherever the window is.
    pub(in crate::gui) fn ask_features(&self) -> Option<Effect> {
        let dataset = self.dataset.as_ref()?;
        if self.current_features().is_some() {
            return None;
        }
        let digits = Arc::clone(&dataset.digits);
        Some(Effect::submit(Job::Features { digits, model: self.model.clone() }))
    }

    /// The hidden features of the dataset shown, once they are there.
    pub(in crate::gui) fn current_features(&self) -> Option<Arc<Features>> {
        self.drawing.features.clone().filter(|features| self.are_current(features))
    }

    fn are_current(&self, features: &Features) -> bool {
        features.model == self.model.hash
            && self.dataset.as_ref().is_some_and(|dataset| Arc::ptr_eq(&dataset.digits, &features.digits))
    }

    fn open_page(&mut self, page: Page, label: Option<u8>) -> Vec<Effect> {
        self.drawing.open(page, label);
        let mut effects = self.enter_draw();
        effects.extend(self.ask_drawing());
        effects
    }

    fn open_image(&mut self, origin: subject::Origin) -> Vec<Effect> {
        let from = match origin {
            subject::Origin::Kept(id) => return self.apply_draw(DrawAction::OpenKept(id)),
            subject::Origin::Drawing => return self.enter_draw(),
            subject::Origin::Foreign(index) => Origin::Foreign(index),
            subject::Origin::Dataset(index) => {
                let labels = self.dataset.as_ref().map(|dataset| dataset.digits.labels());
                let Some(&label) = labels.and_then(|labels| labels.get(index as usize)) else {
                    return Vec::new();
                };
                Origin::Image { index, label }
            }
        };
        let Some(image) = self.subject(origin) else { return Vec::new() };
        self.open_page(Page { sheet: Sheet::with(*image.pixels), origin: Some(from) }, image.label)
    }

    fn open_found(&mut self, id: u64, place: usize) -> Vec<Effect> {
        let Some(view) = self.drawing.picture(id) else { return Vec::new() };
        let Some(found) = view.steps.found.get(place) else { return Vec::new() };
        let page = Page { sheet: Sheet::with(found.image), origin: Some(Origin::Picture { id, place }) };
        self.drawing.picture = Some(id);
        self.open_page(page, None)
    }

    /// Reads pictures and shows them in the Draw tab.
    pub(super) fn read_pictures(&mut self, sources: Vec<PictureSource>) -> Vec<Effect> {
        let list = sources.into_iter().map(|source| {
            let id = self.drawing.next_picture;
            self.drawing.next_picture += 1;
            (id, source)
        });
        let list: Vec<_> = list.collect();
        let mut effects = self.enter_draw();
        let asked = self.asked();
        effects.push(Effect::submit(Job::ReadPictures { list, options: Options::default(), asked }));
        effects
    }

    /// Reads picture files.
    pub(super) fn open_pictures(&mut self, paths: Vec<PathBuf>) -> Vec<Effect> {
        self.read_pictures(paths.into_iter().map(PictureSource::File).collect())
    }

    fn read_again(&self, options: Options) -> Vec<Effect> {
        let Some(view) = self.drawing.shown_picture() else { return Vec::new() };
        let list = vec![(view.id, PictureSource::Again(Arc::clone(view)))];
        vec![Effect::submit(Job::ReadPictures { list, options, asked: self.asked() })]
    }

    /// The first digit of the first picture comes onto the sheet; a picture read again takes its digit's place.
    pub(super) fn picture_read(&mut self, view: Arc<PictureView>) -> Vec<Effect> {
        let id = view.id;
        let again = self.drawing.picture(id).is_some();
        // Of several that come at once the first is shown, and a new one later takes over.
        let waiting = self.jobs.iter().any(|job| job.slot == Slot::Pictures && job.answered);
        for job in self.jobs.iter_mut().filter(|job| job.slot == Slot::Pictures) {
            job.answered = true;
        }
        let largest = view.steps.largest();
        let digits = view.steps.found.len();
        self.drawing.add_picture(view);
        if again {
            let Some(Origin::Picture { id: shown, place }) = self.drawing.page.origin.clone() else {
                return largest.map_or_else(Vec::new, |place| self.open_found(id, place));
            };
            if shown != id || digits == 0 {
                return Vec::new();
            }
            return self.open_found(id, place.min(digits - 1));
        }
        if waiting {
            return Vec::new();
        }
        self.drawing.picture = Some(id);
        match largest {
            // Several digits are read from the first on.
            Some(largest) => self.open_found(id, if digits > 1 { 0 } else { largest }),
            None => Vec::new(),
        }
    }

    /// The network has spoken of a drawing.
    pub(super) fn drawn(&mut self, view: Arc<DrawView>) -> Vec<Effect> {
        if view.model != self.model.hash {
            return Vec::new();
        }
        self.drawing.receive(view);
        self.drawing_rests();
        if self.drawing.live.is_some() { Vec::new() } else { self.neighbours().into_iter().collect() }
    }

    /// Asks for the images closest to the drawing.
    pub(super) fn neighbours(&self) -> Option<Effect> {
        let features = self.current_features()?;
        let seen = self.drawing.view.as_ref()?.seen.as_ref()?;
        Some(Effect::submit(Job::Neighbours {
            image: Box::new(seen.image),
            features,
            model: self.model.clone(),
        }))
    }

    /// Neighbours of the dataset that is open.
    pub(super) fn found_neighbours(&mut self, found: Arc<Neighbours>) {
        let current =
            self.dataset.as_ref().is_some_and(|dataset| Arc::ptr_eq(&dataset.digits, &found.digits));
        let inked = self.drawing.view.as_ref().is_some_and(|view| view.seen.is_some());
        if current && inked {
            self.drawing.neighbours = Some(found);
        }
    }

    /// Where kept digits lie, and the question for them.
    pub(in crate::gui) fn load_kept(&mut self, folder: Option<PathBuf>) -> Option<Effect> {
        self.my_digits = folder;
        self.my_digits.is_some().then(|| self.keep_work(KeepWork::Load))
    }

    fn keep_work(&self, work: KeepWork) -> Effect {
        Effect::submit(Job::Keep { folder: self.my_digits.clone(), work })
    }

    fn keep_drawing(&mut self) -> Vec<Effect> {
        self.drawing.end();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        // An id tells when it was kept, and is new also when the clock was set back.
        let id = now.max(self.drawing.kept.last().map_or(0, |digit| digit.id) + 1);
        if let Some(digit) = KeptDigit::new(id, self.drawing.label, &self.drawing.shown()) {
            return vec![self.keep_work(KeepWork::Save(digit))];
        }
        self.notices.say(Gravity::Warning, "There is no ink to keep: draw a digit first.");
        Vec::new()
    }

    /// What came of keeping digits.
    pub(super) fn kept(&mut self, kept: Kept) {
        let drawing = &mut self.drawing;
        match kept {
            Kept::Loaded(digits) => drawing.kept = digits,
            Kept::Saved(digit) => {
                let place = if self.my_digits.is_some() { "" } else { " until the window closes" };
                self.notices.say(Gravity::News, format!("Kept in My digits{place}."));
                drawing.kept(digit);
            }
            Kept::Deleted(id) => drawing.kept.retain(|digit| digit.id != id),
        }
    }
}
