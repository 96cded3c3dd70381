//! The coordinator: actions and reports of the workers go in, effects come out; between them stand the panels.
//!
//! Nothing here draws, and nothing here waits, so that a list of actions is a test. Every action and every report goes
//! to one panel; what must follow in others ([`Follow`]) is asked of them here, in order.

use std::path::PathBuf;
use std::time::Duration;

use super::action::{
    Action, FileAction, GalleryAction, GuideAction, MarksAction, Pick, RunAction, WindowAction,
};
use super::effect::{Effect, Follow, Step, Steps};
use super::files;
use super::guide;
use super::opening::{Next, Opening, overrides};
use super::panel::draw::want_features;
use super::panel::{Panels, highlight};
use super::saved;
use super::settings::{Settings, Tab};
use super::shared::{Control, Gravity, History, Overlay, Shared, Snapshot, same_config};
use crate::data::Classes;
use crate::data::source::{Places, SYNTHETIC};
use crate::shown::{Dataset, OpenedModel};
use crate::worker::{Event, Job, JobId, Report, Slot};

/// All that the window knows.
pub struct State {
    /// What the panels share.
    pub shared: Shared,
    /// What each panel knows by itself.
    pub panels: Panels,
    /// The saved view on its way into the window.
    opening: Option<Opening>,
}

impl State {
    /// The state at the start, and the first thing to do: load the data.
    #[must_use]
    pub fn new(
        settings: Settings,
        places: Places,
        model: OpenedModel,
        bundled: OpenedModel,
    ) -> (Self, Vec<Effect>) {
        let settings = settings.sanitised();
        let panels = Panels::new(&settings);
        let shared = Shared::new(settings, places.clone(), model, bundled);
        let load = Job::Load { places, split: shared.split };
        (Self { shared, panels, opening: None }, vec![Effect::Submit(Box::new(load))])
    }

    /// Where kept digits lie, and the question for them.
    pub fn load_kept(&mut self, folder: Option<PathBuf>) -> Vec<Effect> {
        let steps = self.panels.draw.load_kept(folder).into_iter().collect();
        self.resolve(steps)
    }

    /// A submitted job got this id.
    pub fn submitted(&mut self, id: JobId, slot: Slot, title: String, unit: &'static str) {
        self.shared.jobs.submitted(id, slot, title, unit);
        if let Some(opening) = &mut self.opening {
            opening.submitted(id, slot);
        }
    }

    /// Asks about a drawing when the pen has rested long enough; says how long to wait until then.
    pub fn when_the_pen_has_rested(&mut self) -> (Vec<Effect>, Option<Duration>) {
        let (steps, wait) = self.panels.explain.when_the_pen_has_rested(&self.shared);
        (self.resolve(steps), wait)
    }

    /// Carries an action out.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        if let Action::Window(WindowAction::Guide(action)) = action {
            return self.lead(action);
        }
        let mut steps = if overrides(&action) { self.give_up_opening() } else { Steps::new() };
        steps.extend(self.update(action));
        self.resolve(steps)
    }

    /// Takes what a worker says. Reports of jobs that newer ones replaced change nothing.
    pub fn receive(&mut self, report: Report) -> Vec<Effect> {
        let steps = self.take(report);
        let mut effects = self.resolve(steps);
        effects.extend(self.pick_for_guide());
        effects
    }

    /// Shows a newcomer's first steps, carries one out, or takes them away.
    fn lead(&mut self, action: GuideAction) -> Vec<Effect> {
        if action == GuideAction::Close {
            let steps = self.close_guide();
            return self.resolve(steps);
        }
        let (before, inspector) = (self.shared.snapshot(), self.shared.settings.inspector_open);
        let list = guide::begin(action, &self.panels, &mut self.shared);
        let mut effects: Vec<Effect> = list.into_iter().flat_map(|action| self.apply(action)).collect();
        if let GuideAction::Do(_) = action {
            let now = self.shared.snapshot();
            let opened = !inspector && self.shared.settings.inspector_open;
            self.shared.guide.stepped(&before, now, opened);
        }
        effects.extend(self.pick_for_guide());
        effects
    }

    /// Takes a newcomer's first steps away, and puts back what they chose: digit and filter, order, T and p, and
    /// whether the inspector is there. What a person chose since stays theirs, and so do the tab, the image looked at
    /// and what the tabs were given: the drawing, the course, the foreign images. It is one step for undo.
    fn close_guide(&mut self) -> Steps {
        let now = self.shared.snapshot();
        let Some(then) = self.shared.close_guide() else { return Steps::new() };
        self.shared.remember();
        let elsewhere = self.shared.elsewhere;
        let steps = self.restore(&now, then);
        self.shared.elsewhere = elsewhere;
        let named = self.shared.steps(1).join("");
        self.shared.notices.say(Gravity::News, format!("As before Start here: {named}"));
        steps
    }

    /// Selects the image that a first step is about, once the gallery shows what the step asked for.
    fn pick_for_guide(&mut self) -> Vec<Effect> {
        let index = guide::to_select(&mut self.shared);
        index.map_or_else(Vec::new, |index| self.apply(Action::Gallery(GalleryAction::Reveal(index))))
    }

    /// What is to be done outside, once all panels have done their part.
    fn resolve(&mut self, steps: Steps) -> Vec<Effect> {
        let mut effects = Vec::new();
        for step in steps {
            match step {
                Step::Do(effect) => effects.push(effect),
                Step::Then(follow) => {
                    let more = self.follow(follow);
                    effects.extend(self.resolve(more));
                }
            }
        }
        effects
    }

    fn follow(&mut self, follow: Follow) -> Steps {
        let Self { shared, panels, .. } = self;
        match follow {
            Follow::ShowTab(tab) => self.show_tab(tab),
            Follow::Select(index) => panels.gallery.select(index, Pick::Only, shared),
            Follow::WalkTo(index) => panels.gallery.walk_to(index, shared),
            Follow::SelectAll(picked) => panels.gallery.select_all(picked, false, shared),
            Follow::Inspect => panels.inspector.ask(shared),
            Follow::Explain => panels.explain.ask(shared),
            Follow::StopExplaining => panels.explain.stop(shared),
            Follow::Draw => panels.draw.ask(shared),
            Follow::Rotate => panels.rotate.ask(shared),
            Follow::Quality => panels.quality.ask(shared),
            Follow::Subnetwork => panels.subnetwork.renew(shared),
            Follow::LightAgain => {
                let mut steps = highlight::light_again(panels.quality.charted(shared), shared);
                steps.extend(panels.quality.chart_brush(shared));
                steps
            }
            Follow::Counted(brushed) => {
                panels.quality.counted(*brushed);
                Steps::new()
            }
            Follow::DrawingRests => {
                panels.explain.drawing_rests(shared);
                Steps::new()
            }
        }
    }

    fn update(&mut self, action: Action) -> Steps {
        let Self { shared, panels, .. } = self;
        match action {
            Action::Window(action) => self.update_window(action),
            Action::File(FileAction::Ask(purpose)) => {
                shared.overlay = Overlay::Path(purpose);
                vec![Effect::AskSystem(purpose).into()]
            }
            Action::File(FileAction::Chosen(purpose, path)) => {
                shared.overlay = Overlay::None;
                files::chosen(purpose, path, panels, shared)
            }
            Action::Run(action) => self.update_run(action),
            Action::Undo if shared.settings.tab == Tab::Draw => panels.draw.go_back(shared),
            Action::Redo if shared.settings.tab == Tab::Draw => panels.draw.go_forward(shared),
            Action::Undo => self.go_back(1),
            Action::UndoSteps(steps) => self.go_back(steps),
            Action::Redo => self.go_forward(),
            Action::Gallery(action) => panels.gallery.update(action, shared),
            Action::Subnetwork(action) => panels.subnetwork.update(action, shared),
            Action::Plane(action) => panels.plane.update(action, shared),
            Action::Draw(action) => panels.draw.update(action, shared),
            Action::Rotate(action) => panels.rotate.update(&action, shared),
            Action::Quality(action) => panels.quality.update(action, shared),
            Action::Train(action) => panels.train.update(action, shared),
            Action::Explain(action) => panels.explain.update(&action, shared),
            Action::Inspector(action) => panels.inspector.update(action, shared),
            Action::Highlight(action) => highlight::update(action, panels.quality.charted(shared), shared),
            Action::Marks(action) => panels.marks.update(action, shared),
            Action::Chart(action) => panels.chart.update(action, shared),
        }
    }

    /// Back by some steps, and a word on which.
    fn go_back(&mut self, steps: usize) -> Steps {
        let mut now = self.shared.snapshot();
        let before = now.clone();
        let mut undone = Vec::new();
        for _ in 0..steps {
            let Some((earlier, name)) = self.shared.history.undo(&now) else { break };
            undone.push(name);
            now = earlier;
        }
        match undone.as_slice() {
            [] => self.shared.notices.say(Gravity::News, "There is nothing to undo."),
            [name] => self.shared.notices.say(Gravity::News, format!("Undid: {name}")),
            [.., first] => {
                let text = format!("Undid {} steps, back to before: {first}", undone.len());
                self.shared.notices.say(Gravity::News, text);
            }
        }
        if undone.is_empty() { Steps::new() } else { self.restore(&before, now) }
    }

    /// Forward by one step.
    fn go_forward(&mut self) -> Steps {
        let before = self.shared.snapshot();
        let Some((after, name)) = self.shared.history.redo(&before) else {
            self.shared.notices.say(Gravity::News, "There is nothing to redo.");
            return Steps::new();
        };
        self.shared.notices.say(Gravity::News, format!("Redid: {name}"));
        self.restore(&before, after)
    }

    /// Makes it as it was, or as it will be again.
    fn restore(&mut self, now: &Snapshot, then: Snapshot) -> Steps {
        let shared = &mut self.shared;
        let sampled_anew = now.sweep != then.sweep;
        let acting = then.acting.clone().filter(|acting| Some(acting) != now.acting.as_ref());
        let (marks, dropout) = (then.marks.clone(), then.sweep.dropout);
        then.restore(&mut shared.settings, &mut shared.limits, &mut shared.selected);
        shared.elsewhere = None;
        let mut steps: Steps = self.panels.marks.restore(marks, shared).into_iter().collect();
        let arranged = acting.and_then(|acting| acting.arranged(&self.shared.model));
        let placed_anew = arranged.is_some();
        if let Some(model) = arranged {
            steps.extend(self.take_model(model));
            self.shared.settings.sweep.dropout = dropout;
        }
        let anew = sampled_anew || placed_anew;
        steps.extend(if anew { self.sample_anew() } else { self.shared.refresh() });
        steps
    }

    fn update_window(&mut self, action: WindowAction) -> Steps {
        let shared = &mut self.shared;
        match action {
            WindowAction::ShowTab(tab) => return self.show_tab(tab),
            WindowAction::SetTheme(theme) => {
                shared.settings.theme = theme;
                return vec![Effect::SetTheme(theme).into()];
            }
            WindowAction::ToggleControls => shared.settings.controls_open = !shared.settings.controls_open,
            WindowAction::ToggleInspector => {
                shared.settings.inspector_open = !shared.settings.inspector_open;
                return vec![Follow::Explain.into()];
            }
            WindowAction::ToggleLecture => {
                shared.lecture = !shared.lecture;
                return vec![Effect::SetLecture(shared.lecture).into()];
            }
            WindowAction::TogglePalette => shared.overlay.toggle(Overlay::Palette),
            WindowAction::ToggleShortcuts => shared.overlay.toggle(Overlay::Shortcuts),
            WindowAction::ShowAbout => shared.overlay = Overlay::About,
            WindowAction::ShowNetwork => shared.overlay = Overlay::Network,
            // Led in [`State::apply`], because its steps are actions themselves.
            WindowAction::Guide(_) => {}
            WindowAction::AskImage => shared.overlay = Overlay::Palette,
            WindowAction::NameClasses => shared.ask_names(),
            WindowAction::ShowHelp(topic) | WindowAction::ShowHelpAt(topic, _) => {
                shared.overlay = Overlay::Help(topic);
            }
            WindowAction::Escape => {
                if shared.overlay == Overlay::None {
                    if self.panels.marks.waits.is_some() {
                        return self.panels.marks.update(MarksAction::LeaveOpen, shared);
                    }
                    if shared.lecture {
                        shared.lecture = false;
                        return vec![Effect::SetLecture(false).into()];
                    }
                    if shared.guide.open {
                        return self.close_guide();
                    }
                    if shared.notices.dismiss_errors() {
                        return Steps::new();
                    }
                    return self.panels.gallery.clear_selection(shared);
                }
                shared.overlay = Overlay::None;
            }
            WindowAction::DismissNotice(id) => shared.notices.dismiss(id),
            WindowAction::Quit if shared.would_lose() => shared.overlay = Overlay::Leave,
            WindowAction::Quit => return vec![Effect::Quit.into()],
            WindowAction::QuitAnyway => {
                shared.leaving = true;
                return vec![Effect::Quit.into()];
            }
        }
        Steps::new()
    }

    fn show_tab(&mut self, tab: Tab) -> Steps {
        let Self { shared, panels, .. } = self;
        match tab {
            Tab::Draw => panels.draw.enter(shared),
            Tab::Rotate => panels.rotate.enter(shared),
            Tab::Gallery | Tab::Plane | Tab::Quality | Tab::Train => {
                shared.settings.tab = tab;
                let mut steps = panels.quality.chart_brush(shared);
                steps.extend([Follow::Quality.into(), Follow::Explain.into()]);
                steps
            }
        }
    }

    fn update_run(&mut self, action: RunAction) -> Steps {
        let Self { shared, panels, .. } = self;
        match action {
            RunAction::SetPasses(passes) => {
                shared.remember_control(Control::Passes);
                shared.settings.sweep.passes = passes.max(1);
                self.sample_anew()
            }
            RunAction::SetDropout(dropout) => self.set_dropout(dropout),
            RunAction::OwnRates => self.use_own_rates(),
            RunAction::SetSite(site, by) => self.set_site(site, by),
            RunAction::SetInput(preprocessing) => self.set_input(preprocessing),
            RunAction::SetOutput(output) => self.set_output(output),
            RunAction::SetSeed(seed) => {
                shared.remember_control(Control::Seed);
                shared.settings.sweep.seed = seed;
                self.sample_anew()
            }
            RunAction::SetMasks(masks) => {
                shared.remember_control(Control::Masks);
                shared.settings.sweep.masks = masks;
                self.sample_anew()
            }
            RunAction::UseBundledModel => {
                let bundled = shared.bundled.clone();
                self.use_model(bundled)
            }
            RunAction::UseTrained(which) => {
                let model = shared.trained.list().get(which).map(|here| here.model.clone());
                model.map_or_else(Steps::new, |model| self.use_model(model))
            }
            RunAction::RetryDownload => {
                shared.places.environment = None;
                shared.load(None, shared.split)
            }
            RunAction::UseSynthetic => shared.load(Some(SYNTHETIC.into()), shared.split),
            RunAction::SetSplit(split) => shared.load(shared.places.asked.clone(), split),
            RunAction::SetPart(part) => shared.load_part(part),
            RunAction::NameClasses(names) => self.name_classes(names),
            RunAction::Dropped(paths) => files::dropped(paths, panels, shared),
            RunAction::CancelJobs => {
                panels.train.run.give_up();
                shared.jobs.cancel(|slot| !slot.is_quick())
            }
        }
    }

    /// Passes, rate, seed or masks have changed: so has all that was sampled.
    fn sample_anew(&mut self) -> Steps {
        // What is being made firm is of other passes.
        let mut steps = self.shared.jobs.cancel(|slot| slot == Slot::Firm);
        self.shared.jobs.forget(|slot| slot == Slot::Firm);
        steps.extend(self.shared.sweep());
        steps.extend([Follow::Draw.into(), Follow::Rotate.into()]);
        steps
    }

    /// A training has ended with a network, which is used unless a person gave the training up.
    fn trained(&mut self, model: OpenedModel) -> Steps {
        let Self { shared, panels, .. } = self;
        let model = shared.trained.add(model);
        panels.train.run.trained(&model);
        if panels.train.run.given_up {
            let text = "Training was cancelled: what it had learnt until then is among the networks of the model chip, and \
                        the network in use stays.";
            shared.notices.say(Gravity::News, text);
            return Steps::new();
        }
        shared.notices.say(Gravity::Done, "The trained network is in use. Save it with Ctrl+S.");
        self.use_model(model)
    }

    /// The classes are called otherwise: in the images, in the network, and on the disk.
    fn name_classes(&mut self, names: Classes) -> Steps {
        let shared = &mut self.shared;
        let Some(old) = shared.dataset.take() else { return Steps::new() };
        let before = old.digits.classes().clone();
        let dataset = old.called(names);
        let keep = shared.keep_names(&dataset);
        shared.model = shared.model.called_as(&dataset, Some(&before));
        shared.dataset = Some(dataset);
        let mut steps = self.asked_anew();
        steps.extend(keep);
        steps
    }

    fn loaded(&mut self, dataset: Dataset) -> Steps {
        let Self { shared, panels, .. } = self;
        if let Some(notice) = dataset.source.notice() {
            shared.notices.say(Gravity::Warning, notice);
        }
        let taken = dataset.about.taken_as(shared.model.what.image());
        for remark in taken.iter().chain(&dataset.about.remarks) {
            shared.notices.say(Gravity::Warning, remark.clone());
        }
        let classes = dataset.digits.classes().len();
        shared.settings.digit = shared.settings.digit.filter(|class| usize::from(*class) < classes);
        shared.load_error = None;
        shared.generation += 1;
        shared.split = dataset.split;
        shared.model = shared.model.called_as(&dataset, None);
        shared.dataset = Some(dataset);
        shared.input_check = None;
        shared.say_whether_classes_agree();
        shared.history = History::default();
        shared.forget_results();
        panels.forget_results();
        let mut steps = shared.abandon_sweep();
        steps.extend(shared.sweep());
        steps.extend(shared.ask_input_check());
        steps.extend(want_features(shared));
        steps.extend(panels.marks.load(shared));
        steps
    }

    /// A view goes on its way: what it lacks is asked for; once nothing is left to ask for, it is shown.
    fn open_further(&mut self, opening: Opening) -> Steps {
        let (opening, next) = opening.next(&self.shared);
        self.opening = opening;
        let found = match next {
            Next::Wait(job) => return vec![Step::submit(*job)],
            Next::Show(found) => *found,
        };
        let mut steps = Steps::new();
        if let Some((dataset, places)) = found.images {
            self.shared.places = *places;
            steps.extend(self.loaded(dataset));
        }
        steps.extend(found.network.map(|model| self.use_model(model)).into_iter().flatten());
        saved::show(&found.view, found.having, &mut self.panels, &mut self.shared);
        steps.extend(self.sample_anew());
        steps.push(Follow::ShowTab(found.view.tab.into()).into());
        self.shared.notices.say(found.said.0, found.said.1);
        steps
    }

    /// Something else is asked for: a view on its way goes no further, and all that is shown stays.
    fn give_up_opening(&mut self) -> Steps {
        let Some(opening) = self.opening.take() else { return Steps::new() };
        self.shared.notices.say(Gravity::News, opening.given_up());
        let mut steps = Steps::new();
        if let Some(job) = opening.job() {
            steps.push(Effect::Cancel(job).into());
            self.shared.jobs.ended(job);
        }
        if self.shared.dataset.is_none() {
            // It had taken the place of what was being loaded.
            steps.extend(self.shared.load(self.shared.places.asked.clone(), self.shared.split));
        }
        steps
    }

    fn take(&mut self, Report { job, event }: Report) -> Steps {
        if job == 0 {
            if let Event::Failed(error) = event {
                self.shared.notices.say(Gravity::Error, error.to_string());
            }
            return Steps::new();
        }
        let Some(slot) = self.shared.jobs.get_mut(job).map(|job| job.slot) else { return Steps::new() };
        if self.shared.is_of_another_run(&event) {
            return Steps::new();
        }
        if let Some(mut opening) = self.opening.take_if(|opening| opening.waits_for(job, &event)) {
            self.shared.jobs.ended(job);
            if let Some(why) = opening.hear(event) {
                self.failed(slot, why);
            }
            return self.open_further(opening);
        }
        let Self { shared, panels, .. } = self;
        match event {
            Event::Started => shared.jobs.started(job, slot),
            Event::Progress(progress) => shared.jobs.progressed(job, progress),
            Event::Loaded { dataset, places } => {
                shared.places = *places;
                return self.loaded(dataset);
            }
            Event::ModelOpened(model) => return self.use_opened(model),
            Event::Prepared(prefix) => {
                // The passes begin now, and so does their rate.
                shared.jobs.started(job, slot);
                shared.run.prefix = Some(prefix);
            }
            Event::FirstLook(view) => shared.run.first_look = Some(view),
            Event::Swept(samples) => {
                shared.jobs.answered(slot);
                shared.run.samples = Some(samples);
                let current = same_config(shared.run.sweeping, &shared.settings.sweep);
                return if current { shared.refresh() } else { shared.sweep() };
            }
            Event::Training { report, .. } => panels.train.run.record(report),
            Event::Filmed(frame) => panels.train.run.film.take(frame),
            Event::Trained(model) => return self.trained(model),
            Event::ModelSaved(key, file) => {
                shared.trained.saved(key, &file);
                if shared.model.key() == key {
                    shared.model.path = Some(file);
                }
            }
            Event::ViewRead(view, file) => {
                let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
                // The last of two that were chosen quickly.
                let mut steps = self.give_up_opening();
                steps.extend(self.open_further(Opening::new(view, name)));
                return steps;
            }
            Event::Exported { path, unread } => {
                shared.notices.say(Gravity::Done, format!("Wrote {}.", path.display()));
                if let Some(unread) = unread {
                    shared.notices.say(Gravity::Warning, unread.to_string());
                }
            }
            Event::Firmed(view) => return shared.firm_came(view),
            Event::Gallery(view) => {
                let nothing = panels.plane.brushed_nothing(&view, shared);
                return nothing.unwrap_or_else(|| panels.gallery.came(view, shared));
            }
            Event::Quality(view) => return panels.quality.came(view, shared),
            Event::Foreign(view) => return panels.quality.foreign_came(view, shared),
            Event::OverDropout(view) => panels.quality.over_dropout.came(view),
            Event::Drawn(view) => return panels.draw.came(view, shared),
            Event::Features(features) => return panels.draw.features_came(features, shared),
            Event::Neighbours(found) => panels.draw.found_neighbours(found, shared),
            Event::PictureRead(view) => return panels.draw.picture_read(view, shared),
            Event::Kept(kept) => panels.draw.kept(kept, shared),
            // Nothing in the window asks for marks.
            Event::Marked(done) => panels.marks.came(done, shared),
            Event::Inspected(view) => return panels.inspector.came(view),
            Event::Subnetwork(view) => return panels.subnetwork.came(&view, shared),
            Event::Explained(view) => panels.explain.explained(view),
            Event::Rotated(view) => panels.rotate.rotated(view),
            Event::Dialled(view) => panels.rotate.dialled(view),
            Event::TrainingSpace(space) => return panels.explain.training_space_came(space, shared),
            Event::Lit(lit) => return highlight::came(lit, shared),
            Event::Reduced(images) => shared.reduced.push(images),
            Event::Copies(found) => shared.copies_came(found),
            Event::InputChecked(found) => shared.input_checked(found),
            Event::Chart(copy) => return panels.chart.came(copy, shared),
            Event::Failed(error) => {
                shared.jobs.ended(job);
                self.failed(slot, error.to_string());
            }
            Event::Finished => {
                shared.jobs.ended(job);
                let mut steps = self.finished(slot);
                if steps.is_empty() {
                    steps.extend(self.shared.firm_when_idle());
                }
                return steps;
            }
        }
        Steps::new()
    }
}

mod ends;
mod network;
#[cfg(test)]
mod tests;
