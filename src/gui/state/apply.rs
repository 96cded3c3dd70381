//! How actions change the state.

use std::path::PathBuf;
use std::sync::Arc;

use super::{ActiveJob, Effect, Overlay, State};
use crate::data::foreign::Foreign;
use crate::data::ink::{is_picture_name, pictures_in};
use crate::data::source::{Places, SYNTHETIC, Split};
use crate::gui::action::{Action, FilePurpose};
use crate::gui::exports;
use crate::gui::notices::Gravity;
use crate::gui::quality::QualityAction;
use crate::gui::selection::Snapshot;
use crate::gui::settings::{Tab, ZOOM};
use crate::gui::training::TrainingRun;
use crate::worker::subject::Origin;
use crate::worker::{Job, Only, PictureSource, Slot};

impl State {
    pub(in crate::gui) fn remember(&mut self) {
        let now = self.snapshot();
        self.history.push(now);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::new(&self.settings, &self.limits, &self.selected)
    }

    pub(in crate::gui) fn restore(&mut self, snapshot: Option<Snapshot>) -> Vec<Effect> {
        let Some(snapshot) = snapshot else { return Vec::new() };
        snapshot.restore(&mut self.settings, &mut self.limits, &mut self.selected);
        self.elsewhere = None;
        self.refresh()
    }

    /// Carries an action out.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::SetDigit(_) | Action::SetGrouping(_) | Action::SetFilter(_) | Action::SetMeasure(_) => {
                return self.apply_query(&action);
            }
            Action::Select(..) | Action::SelectAll { .. } | Action::ClearSelection => {
                return self.apply_selection(action);
            }
            Action::SetPasses(passes) => {
                self.settings.sweep.passes = passes.max(1);
                return self.sample_anew();
            }
            Action::SetDropout(dropout) => {
                // A slider's steps of a hundredth, without the dust of its arithmetic, so that a rate is found again.
                self.settings.sweep.dropout = (dropout * 100.0).round() / 100.0;
                return self.sample_anew();
            }
            Action::SetSeed(seed) => {
                self.settings.sweep.seed = seed;
                return self.sample_anew();
            }
            Action::Undo | Action::Redo if self.settings.tab == Tab::Draw => {
                if action == Action::Undo {
                    self.drawing.undo();
                } else {
                    self.drawing.redo();
                }
                return self.ask_drawing();
            }
            Action::Draw(action) => return self.apply_draw(action),
            Action::Undo => {
                let now = self.snapshot();
                let snapshot = self.history.undo(now);
                return self.restore(snapshot);
            }
            Action::Redo => {
                let now = self.snapshot();
                let snapshot = self.history.redo(now);
                return self.restore(snapshot);
            }
            Action::AskFile(purpose) => {
                self.overlay = Overlay::Path(purpose);
                return vec![Effect::AskSystem(purpose)];
            }
            Action::FileChosen(purpose, path) => {
                self.overlay = Overlay::None;
                return self.file_chosen(purpose, path);
            }
            Action::UseBundledModel => {
                let bundled = self.bundled.clone();
                return self.use_model(bundled);
            }
            Action::RetryDownload => {
                self.places.environment = None;
                return self.load(None, self.split);
            }
            Action::UseSynthetic => return self.load(Some(SYNTHETIC.into()), self.split),
            Action::SetSplit(split) => return self.load(self.places.asked.clone(), split),
            Action::Dropped(paths) => return self.dropped(paths),
            Action::StartTraining => return self.start_training(),
            Action::StopTraining => return self.cancel(|job| job.slot == Slot::Train),
            Action::CancelJobs => {
                return self.cancel(|job| !job.slot.is_quick());
            }
            Action::Chart(action) => return self.apply_chart(action),
            Action::Subnetwork(action) => return self.apply_subnetwork(action),
            Action::Plane(action) => return self.apply_plane(action),
            Action::Shelf(shelf) => return self.show_shelf(shelf),
            Action::Rotate(action) => return self.apply_rotate(&action),
            Action::Explain(action) => return self.apply_explanation(&action),
            Action::Quality(action) => return self.apply_quality(action),
            Action::Highlight(action) => return self.apply_highlight(action),
            Action::SetClass(class) => return self.look_at_class(class),
            Action::LookAt(origin) => return self.look_at(origin),
            Action::ShowOnly(only) => {
                self.remember();
                return self.show_only(only);
            }
            Action::ShowTab(tab) => return self.show_tab(tab),
            Action::ToggleInspector => {
                self.settings.inspector_open = !self.settings.inspector_open;
                return self.ask_explanation();
            }
            Action::CopyImage(origin) => return self.copy(origin),
            Action::SetTheme(theme) => {
                self.settings.theme = theme;
                return vec![Effect::SetTheme(theme)];
            }
            Action::Quit => return vec![Effect::Quit],
            Action::Escape => {
                if self.overlay == Overlay::None {
                    return self.apply_selection(Action::ClearSelection);
                }
                self.overlay = Overlay::None;
            }
            other => self.apply_appearance(&other),
        }
        Vec::new()
    }

    pub(in crate::gui) fn show_tab(&mut self, tab: Tab) -> Vec<Effect> {
        match tab {
            Tab::Draw => return self.enter_draw(),
            Tab::Rotate => return self.enter_rotate(),
            _ => self.settings.tab = tab,
        }
        self.chart_brush();
        let mut effects = self.ask_quality();
        effects.extend(self.ask_explanation());
        effects
    }

    fn copy(&self, origin: Origin) -> Vec<Effect> {
        self.pictured(origin).map(|image| Effect::CopyPixels(image.bytes())).into_iter().collect()
    }

    /// Actions that change only what is on the screen.
    fn apply_appearance(&mut self, action: &Action) {
        match *action {
            Action::SetArrangement(arrangement) => {
                self.remember();
                self.settings.arrangement = arrangement;
            }
            Action::SetTop(top) => self.settings.top = top.clamp(1, 1000),
            Action::SetZoom(zoom) => {
                self.settings.zoom = zoom.clamp(*ZOOM.start(), *ZOOM.end());
            }
            Action::SetTraining(training) => self.settings.training = training,
            Action::ToggleControls => self.settings.controls_open = !self.settings.controls_open,
            Action::TogglePalette => self.toggle(Overlay::Palette),
            Action::ToggleShortcuts => self.toggle(Overlay::Shortcuts),
            Action::ShowHelp(topic) => self.overlay = Overlay::Help(topic),
            Action::DismissNotice(id) => self.notices.dismiss(id),
            _ => {}
        }
    }

    /// Limits the gallery to some images.
    pub(in crate::gui) fn show_only(&mut self, only: Option<Arc<Only>>) -> Vec<Effect> {
        self.limits.only = only;
        self.refresh()
    }

    fn toggle(&mut self, overlay: Overlay) {
        self.overlay = if self.overlay == overlay { Overlay::None } else { overlay };
    }

    fn apply_query(&mut self, action: &Action) -> Vec<Effect> {
        self.remember();
        match *action {
            Action::SetDigit(digit) => {
                self.settings.digit = digit;
                if self.settings.tab != Tab::Plane {
                    self.settings.tab = Tab::Gallery;
                }
            }
            Action::SetGrouping(grouping) => self.settings.grouping = grouping,
            Action::SetFilter(filter) => self.settings.filter = filter,
            Action::SetMeasure(measure) => self.settings.measure = measure,
            _ => {}
        }
        self.refresh()
    }

    fn apply_selection(&mut self, action: Action) -> Vec<Effect> {
        let before = self.snapshot();
        self.follows_first = false;
        self.elsewhere = None;
        match action {
            Action::Select(index, pick) => {
                let order = self.gallery.as_ref().map_or(&[][..], |view| &view.ranked.order);
                self.selected.pick(index, pick, order);
                self.class = None;
            }
            Action::SelectAll { indices, add } => self.selected.take(indices, add),
            _ => self.selected.clear(),
        }
        if before != self.snapshot() {
            self.history.push(before);
        }
        self.inspect()
    }

    fn load(&mut self, asked: Option<PathBuf>, split: Split) -> Vec<Effect> {
        self.load_error = None;
        let places = Places { asked, ..self.places.clone() };
        vec![Effect::submit(Job::Load { places, split })]
    }

    fn file_chosen(&mut self, purpose: FilePurpose, path: PathBuf) -> Vec<Effect> {
        match purpose {
            FilePurpose::OpenModel => vec![Effect::submit(Job::OpenModel(path))],
            FilePurpose::OpenData => self.load(Some(path), self.split),
            FilePurpose::OpenPicture => self.open_pictures(vec![path]),
            FilePurpose::OpenForeign => {
                self.apply_quality(QualityAction::Foreign(Some(Foreign::Folder(path))))
            }
            _ => match exports::job(self, purpose, path) {
                Ok(job) => vec![Effect::submit(job)],
                Err(why) => {
                    self.notices.say(Gravity::Warning, why);
                    Vec::new()
                }
            },
        }
    }

    fn dropped(&mut self, paths: Vec<PathBuf>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut pictures = Vec::new();
        let drawing = self.settings.tab == Tab::Draw;
        for path in paths {
            let inside = if drawing { pictures_in(&path).unwrap_or_default() } else { Vec::new() };
            if !inside.is_empty() {
                pictures.extend(inside.into_iter().map(PictureSource::File));
            } else if path.is_dir() {
                effects.extend(self.load(Some(path), self.split));
            } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"))
            {
                effects.push(Effect::submit(Job::OpenModel(path)));
            } else if drawing || is_picture_name(&path) {
                pictures.push(PictureSource::File(path));
            } else {
                self.notices.say(
                    Gravity::Error,
                    format!(
                        "{} is neither a folder with MNIST files, nor a .safetensors model, nor a picture; drop one of \
                         those.",
                        path.display()
                    ),
                );
            }
        }
        if !pictures.is_empty() {
            effects.extend(self.read_pictures(pictures));
        }
        effects
    }

    /// Passes, rate or seed have changed: so has all that was sampled.
    fn sample_anew(&mut self) -> Vec<Effect> {
        let mut effects = self.sweep();
        effects.extend(self.ask_drawing());
        effects.extend(self.ask_rotation());
        effects
    }

    fn start_training(&mut self) -> Vec<Effect> {
        self.settings.tab = Tab::Train;
        let settings = self.settings.training;
        self.training = TrainingRun::started(&settings);
        vec![Effect::submit(Job::Train {
            places: self.places.clone(),
            config: settings.config(),
            start: settings.resume.then(|| self.model.clone()),
        })]
    }

    fn cancel(&mut self, which: impl Fn(&ActiveJob) -> bool) -> Vec<Effect> {
        self.jobs.iter().filter(|job| which(job)).map(|job| Effect::Cancel(job.id)).collect()
    }
}
