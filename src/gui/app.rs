//! The window's loop: drain what the workers say, lay out, carry out user actions.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{CentralPanel, Context, Panel, Ui};

use super::effect::Effect;
use super::parts::{draw_data, explain_data};
use super::shared::Overlay;
use crate::data::source::Places;
use crate::shown::OpenedModel;
use crate::worker::{Slot, Wake, Workers};

use super::action::{
    Action, FileAction, GalleryAction, HighlightAction, MarksAction, RunAction, Subset, WindowAction,
};
use super::atlas::{self, Atlas};
use super::bars::{network_data, status_data, top_bar_data};
use super::command::{self, MenuCommand};
use super::dialogs::Dialogs;
use super::guide;
use super::keys;
use super::lecture::{self, Lecture};
use super::panel::train;
use super::settings::{SETTINGS_KEY, Settings, Tab, Watched};
use super::state::State;
use super::theme;
use super::views::about::about_ui;
use super::views::class_names::{NamesMemory, class_names_ui};
use super::views::controls::{ControlsData, controls_ui};
use super::views::draw::{DrawMemory, DrawnWhy, draw_ui, my_digits_ui};
use super::views::empty;
use super::views::gallery::{FirmData, GalleryData, gallery_toolbar_ui, gallery_ui};
use super::views::guide::{GuideData, guide_ui};
use super::views::help::{HelpMemory, help_ui};
use super::views::inspector::{InspectorData, inspector_ui};
use super::views::marks::review_ui;
use super::views::network::network_ui;
use super::views::notices::{has_problems, problems_ui};
use super::views::overlays::{PathMemory, leave_ui, path_ui, shortcuts_ui};
use super::views::palette::{PaletteMemory, palette_ui};
use super::views::plane::{PlaneData, PlaneMemory, plane_ui};
use super::views::plots::follow_focus;
use super::views::quality::{OverDropoutData, QualityData, quality_ui};
use super::views::readout;
use super::views::rotate::{RotateData, RotateMemory, rotate_ui};
use super::views::sampling_bar::{SamplingBarData, sampling_bar_ui};
use super::views::search::Searchable;
use super::views::status_bar::status_bar_ui;
use super::views::subnetwork::subnetwork_ui;
use super::views::terms;
use super::views::top_bar::{tabs_ui, top_bar_ui};
use super::views::train::{TrainData, TrainMemory, train_ui};

/// Reports are taken for no longer than this in one frame; what is left waits for the next.
const DRAIN: Duration = Duration::from_millis(2);
/// Enlargement of an image on the clipboard.
const CLIPBOARD_SCALE: usize = 10;

/// The window.
pub struct DubitoApp {
    state: State,
    workers: Workers,
    dialogs: Box<dyn Dialogs>,
    commands: Vec<MenuCommand>,
    atlas: Atlas,
    foreign_atlas: Atlas,
    training_atlas: Atlas,
    palette: PaletteMemory,
    path: PathMemory,
    names: NamesMemory,
    help: HelpMemory,
    draw: DrawMemory,
    plane: PlaneMemory,
    rotate: RotateMemory,
    film_atlas: Atlas,
    train: TrainMemory,
    lecture: Lecture,
}

/// What the window starts with.
pub struct Start {
    /// Choices of the last time.
    pub settings: Settings,
    /// Where to look for images.
    pub places: Places,
    /// The network to use.
    pub model: OpenedModel,
    /// The network that comes with the program.
    pub bundled: OpenedModel,
    /// Where kept digits lie; `None`: they last as long as the window.
    pub my_digits: Option<PathBuf>,
    /// Where marks of images lie; `None`: they last as long as the window.
    pub marks: Option<PathBuf>,
    /// Anything that can show file dialogs.
    pub dialogs: Box<dyn Dialogs>,
}

impl DubitoApp {
    /// A window that begins to load its images.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn new(context: &Context, start: Start, wake: &Wake) -> std::io::Result<Self> {
        let workers = Workers::start(wake)?;
        let (mut state, mut effects) = State::new(start.settings, start.places, start.model, start.bundled);
        effects.extend(state.load_kept(start.my_digits));
        state.panels.marks.keep_in(start.marks);
        theme::install(context, state.shared.settings.theme);
        let mut app = Self {
            state,
            workers,
            dialogs: start.dialogs,
            commands: command::commands(),
            atlas: Atlas::default(),
            foreign_atlas: Atlas::default(),
            training_atlas: Atlas::default(),
            palette: PaletteMemory::default(),
            path: PathMemory::default(),
            names: NamesMemory::default(),
            help: HelpMemory::default(),
            draw: DrawMemory::default(),
            plane: PlaneMemory::default(),
            rotate: RotateMemory::default(),
            film_atlas: Atlas::default(),
            train: TrainMemory::default(),
            lecture: Lecture::default(),
        };
        app.carry_out(context, effects);
        Ok(app)
    }

    /// What was kept for this start, to be kept on while the lecture view hides it.
    pub fn started_with(&mut self, storage: &dyn eframe::Storage) {
        self.lecture.start(storage);
    }

    /// All that the window knows.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes what workers and dialogs have said.
    pub fn receive(&mut self, context: &Context) {
        let start = Instant::now();
        while let Some(report) = self.workers.try_next() {
            let effects = self.state.receive(report);
            self.carry_out(context, effects);
            if start.elapsed() > DRAIN {
                context.request_repaint();
                break;
            }
        }
        for images in self.state.shared.reduced.drain(..) {
            for atlas in [&mut self.atlas, &mut self.training_atlas, &mut self.foreign_atlas] {
                atlas.take(context, &images);
            }
        }
        while let Some((purpose, path)) = self.dialogs.answer() {
            // Without a path the question stays open: the dialog was closed, or the system has none.
            if let Some(path) = path
                && self.state.shared.overlay == Overlay::Path(purpose)
            {
                self.act(context, Action::File(FileAction::Chosen(purpose, path)));
            }
        }
        if let Some(wait) = self.state.shared.notices.expire() {
            context.request_repaint_after(wait);
        }
        let (effects, wait) = self.state.when_the_pen_has_rested();
        self.carry_out(context, effects);
        if let Some(wait) = wait {
            context.request_repaint_after(wait);
        }
    }

    /// Carries one action out.
    pub fn act(&mut self, context: &Context, action: Action) {
        match action {
            Action::Window(WindowAction::TogglePalette) => self.palette = PaletteMemory::default(),
            Action::Window(WindowAction::AskImage) => self.palette = PaletteMemory::typed("#"),
            Action::Window(WindowAction::NameClasses) => {
                let dataset = self.state.shared.dataset.as_ref();
                self.names = dataset
                    .map_or_else(NamesMemory::default, |dataset| NamesMemory::of(dataset.digits.classes()));
            }
            Action::Window(WindowAction::ShowHelpAt(_, block)) => self.help.show(block),
            _ => {}
        }
        let before = self.state.shared.overlay.clone();
        let effects = self.state.apply(action);
        // Every question begins with the name it suggests, never with the answer to another.
        if let Overlay::Path(purpose) = self.state.shared.overlay
            && self.state.shared.overlay != before
        {
            self.path = PathMemory::suggesting(purpose.file_name().unwrap_or_default());
        }
        self.carry_out(context, effects);
    }

    fn carry_out(&mut self, context: &Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Submit(job) => {
                    let (slot, title, unit) = (job.slot(), job.title(), job.unit());
                    let id = self.workers.submit(*job);
                    self.state.submitted(id, slot, title, unit);
                }
                Effect::Cancel(id) => self.workers.cancel(id),
                Effect::AskSystem(purpose) => self.dialogs.ask(purpose),
                Effect::CopyPicture(picture) => context.copy_image(atlas::clipboard_picture(&picture)),
                Effect::CopyText(text) => context.copy_text(text),
                Effect::CopyPixels(pixels) => {
                    context.copy_image(atlas::clipboard_image(&pixels, CLIPBOARD_SCALE));
                }
                Effect::SetLecture(on) => self.lecture.set(context, on),
                Effect::SetTheme(choice) => theme::apply(context, choice),
                Effect::Quit => context.send_viewport_cmd(egui::ViewportCommand::Close),
            }
        }
    }

    /// Draws a frame.
    pub fn draw(&mut self, ui: &mut Ui) {
        let context = ui.ctx().clone();
        self.receive(&context);
        self.lecture.fit(&context);
        readout::listen(&context, self.state.shared.lecture);
        let mut actions = Vec::new();
        if context.input(|input| input.viewport().close_requested()) && self.state.shared.would_lose() {
            context.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            actions.push(Action::Window(WindowAction::Quit));
        }
        let dropped: Vec<_> = context
            .input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if !dropped.is_empty() {
            actions.push(Action::Run(RunAction::Dropped(dropped)));
        }
        let (down, pressed) = context.input(|input| {
            (input.pointer.any_down() || input.pointer.any_released(), input.pointer.any_pressed())
        });
        self.state.shared.history.hold(down, pressed);
        // In an open menu keys belong to the menu.
        let menu = egui::Popup::is_any_open(&context);
        if !self.plane.given_up(&context) && self.state.shared.overlay == Overlay::None && !menu {
            let tab = self.state.shared.settings.tab;
            let typed = actions.len();
            keys::pressed(&context, &self.commands, tab, &mut actions);
            actions = actions.into_iter().map(|action| terms::meant(&context, action)).collect();
            if self.state.panels.marks.waits.is_some() && self.state.shared.has_inspector() {
                // The digit that is waited for.
                for action in &mut actions[typed..] {
                    if let Action::Gallery(GalleryAction::SetDigit(Some(digit))) = *action {
                        *action = Action::Marks(MarksAction::NewLabel(digit));
                    }
                }
            }
            keys::clipboard(&context, tab, &mut actions);
        }
        if let Some(dataset) = &self.state.shared.dataset {
            self.atlas.begin_frame(&dataset.digits, self.state.shared.generation);
            self.atlas.begin_originals(dataset.about.originals.as_ref());
            theme::show_photographs(&context, !dataset.about.shape().is_ink());
        }
        if let Some(foreign) = &self.state.shared.sights.foreign {
            self.foreign_atlas.begin_frame(&foreign.set.digits, self.state.panels.quality.foreign_generation);
            self.foreign_atlas.begin_originals(foreign.set.originals.as_ref());
        }
        if let Some(training) = &self.state.panels.explain.training {
            self.training_atlas.begin_frame(&training.digits, self.state.panels.explain.training_generation);
            self.training_atlas.begin_originals(training.originals.as_ref());
        }
        let hovered = self.panels_ui(ui, &mut actions);
        // A highlight that the pointer has left goes out.
        if hovered != self.state.shared.pointed {
            actions.push(Action::Highlight(HighlightAction::Show(hovered)));
        }
        actions.extend(terms::asked(&context));
        self.overlays_ui(&context, &mut actions);
        let atlases = [&mut self.atlas, &mut self.training_atlas, &mut self.foreign_atlas];
        let asked = self.state.shared.ask_reduced(|| atlases.into_iter().find_map(Atlas::wanted));
        self.carry_out(&context, asked.into_iter().collect());
        for action in actions {
            self.act(&context, action);
        }
    }

    /// Draws the panels; says which part of a chart the pointer or the keyboard is on.
    fn panels_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) -> Option<Subset> {
        let mut hovered = None;
        Panel::top("top bar")
            .show(ui, |ui| top_bar_ui(ui, &top_bar_data(&self.state, &self.commands), actions));
        // Above controls and inspector, which come and go: a tab stays where it is.
        Panel::top("views").show(ui, |ui| self.views_ui(ui, actions));
        let status = Panel::bottom("status");
        let held = status.show(ui, |ui| status_bar_ui(ui, &status_data(&self.state), actions)).inner;
        if self.state.shared.notices.hold(held) {
            ui.ctx().request_repaint();
        }
        let readout = self.state.shared.lecture.then(|| readout::place_ui(ui));
        let notices = self.state.shared.notices.list();
        if has_problems(notices) {
            Panel::bottom("problems").resizable(false).show(ui, |ui| problems_ui(ui, notices, actions));
        }
        if let Some(queue) = &self.state.panels.marks.queue
            && self.state.shared.has_inspector()
        {
            let marks = &self.state.panels.marks;
            Panel::bottom("review").resizable(false).show(ui, |ui| review_ui(ui, queue, marks, actions));
        }
        if self.state.shared.guide.open {
            Panel::bottom("start here")
                .resizable(false)
                .show(ui, |ui| guide_ui(ui, &self.guide_data(), actions));
        }
        if self.state.shared.settings.controls_open && self.state.shared.has_controls() {
            Panel::left("controls").default_size(theme::CONTROLS_WIDTH).size_range(190.0..=340.0).show(
                ui,
                |ui| {
                    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                        ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                        let names = self.state.shared.names();
                        let data = ControlsData {
                            settings: &self.state.shared.settings,
                            names: &names,
                            counts: self.state.shared.run.gallery.as_ref().map(|view| &view.counts[..]),
                            view: self.state.shared.run.gallery.as_deref(),
                            shelf: self.state.shared.shelf(),
                            tally: self.state.panels.marks.tally,
                            highlight: self.state.shared.highlight.as_deref(),
                        };
                        hovered = controls_ui(ui, &data, actions);
                        follow_focus(ui);
                    });
                },
            );
        }
        if self.state.shared.shows_inspector() {
            let panel = Panel::right("inspector").default_size(theme::INSPECTOR_WIDTH);
            panel.size_range(300.0..=560.0).show(ui, |ui| self.inspector_ui(ui, actions));
        }
        CentralPanel::default().show(ui, |ui| match self.state.shared.settings.tab {
            Tab::Gallery => {
                if self.state.shared.is_drawable() {
                    my_digits_ui(ui, &draw_data(&self.state), &mut self.draw, actions);
                }
                self.gallery_ui(ui, actions);
            }
            Tab::Draw => {
                let state = &self.state;
                let why = DrawnWhy {
                    explanation: explain_data(state),
                    open: state.shared.settings.explain.drawing,
                    class: state.shared.class,
                };
                let atlases = &mut [&mut self.atlas, &mut self.training_atlas];
                draw_ui(ui, &draw_data(state), &why, atlases, &mut self.draw, actions);
            }
            Tab::Plane => self.plane_ui(ui, actions),
            Tab::Quality => hovered = self.quality_ui(ui, actions),
            Tab::Rotate => self.rotate_ui(ui, actions),
            Tab::Train => self.train_ui(ui, actions),
        });
        if let Some(place) = readout {
            // Once every view has spoken.
            let one = self.state.panels.subnetwork.pass;
            let view = self.state.panels.inspector.view.as_deref();
            readout::readout_ui(ui, place, &lecture::summary(&self.state.shared, view, one));
        }
        hovered
    }

    /// The views to choose from, and how the network is sampled in all of them.
    fn views_ui(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let shared = &self.state.shared;
        let sampling = SamplingBarData {
            sweep: shared.settings.sweep,
            trained_with: shared.differs_from_training(),
            own_rates: shared.model.what.has_rates_of_file().then(|| shared.model.what.has_own_rates()),
        };
        ui.add_space(3.0);
        ui.horizontal(|ui| {
            tabs_ui(ui, shared.settings.tab, actions);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                sampling_bar_ui(ui, &sampling, actions);
            });
        });
        ui.add_space(3.0);
    }

    fn gallery_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let state = &self.state;
        let Some(dataset) = &state.shared.dataset else {
            empty::no_images_ui(ui, state.shared.load_error.as_deref(), actions);
            return;
        };
        if dataset.source.is_fallback() {
            empty::fallback_ui(ui, actions);
        }
        let data = GalleryData {
            digits: &dataset.digits,
            view: state.shared.gallery_shown().map(|view| &**view),
            first_look: state.shared.first_look(),
            firm: FirmData {
                settings: state.shared.settings.firm,
                view: state.shared.firm_shown(),
                running: state.shared.jobs.run(Slot::Firm),
                ready: state.shared.can_make_firm(),
            },
            selected: &state.shared.selected,
            arrangement: state.shared.settings.arrangement,
            top: state.shared.settings.top,
            zoom: state.shared.settings.zoom,
            stale: state.shared.is_stale() && !state.shared.has_current_draws(),
            refining: state.shared.is_refining() && state.shared.first_look().is_none(),
            highlight: state.shared.highlight.as_deref(),
            shelf: state.shared.shelf(),
            marks: state.shared.marks.as_ref(),
            reveal: state.panels.gallery.to_reveal(&state.shared),
            subnetwork: state
                .shared
                .run
                .gallery
                .as_deref()
                .and_then(|view| state.panels.subnetwork.shown(view)),
        };
        let passes = state.shared.settings.sweep.passes;
        gallery_toolbar_ui(ui, &data, actions);
        subnetwork_ui(ui, &state.panels.subnetwork, state.shared.run.gallery.as_deref(), passes, actions);
        gallery_ui(ui, &data, &mut self.atlas, actions);
    }

    fn plane_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let state = &self.state;
        let Some(dataset) = &state.shared.dataset else {
            empty::no_images_ui(ui, state.shared.load_error.as_deref(), actions);
            return;
        };
        let data = PlaneData {
            digits: &dataset.digits,
            view: state.shared.run.gallery.as_ref(),
            axes: state.shared.settings.plane_axes,
            selected: &state.shared.selected,
            region: state.shared.limits.region.as_deref(),
            shelf: state.shared.shelf(),
            marks: state.shared.marks.as_ref(),
            highlight: state.shared.highlight.as_ref(),
            foreign: state.shared.sights.foreign.as_ref(),
            looked_at: state.shared.inspected(),
            foreign_hidden: state.shared.sights.foreign_hidden,
            state: &state.panels.plane,
        };
        plane_ui(ui, &data, &mut self.plane, [&mut self.atlas, &mut self.foreign_atlas], actions);
    }

    fn rotate_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let state = &self.state;
        let data = RotateData {
            state: &state.panels.rotate,
            sweep: state.shared.settings.sweep,
            trained: state.shared.model.key().dropout,
            has_drawing: state.shared.sights.drawn.as_ref().is_some_and(|view| view.seen.is_some()),
        };
        rotate_ui(ui, &data, &mut self.rotate, actions);
    }

    fn quality_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) -> Option<Subset> {
        let state = &self.state;
        let Some(dataset) = &state.shared.dataset else {
            empty::no_images_ui(ui, state.shared.load_error.as_deref(), actions);
            return None;
        };
        let data = QualityData {
            state: &state.panels.quality,
            highlight: state.shared.highlight.as_deref(),
            digits: &dataset.digits,
            selected: &state.shared.selected,
            inspected: state.shared.inspected(),
            seed: state.shared.settings.sweep.seed,
            foreign: state.shared.sights.foreign.as_deref(),
            foreign_waits: state.shared.jobs.run(Slot::Foreign),
            over_dropout: OverDropoutData::new(&state.panels.quality.over_dropout, &state.shared),
            older: state
                .panels
                .quality
                .view
                .as_ref()
                .is_some_and(|view| !state.shared.asks_for(view.key.run, view.key.sampled.passes)),
        };
        quality_ui(ui, &data, [&mut self.atlas, &mut self.foreign_atlas], actions)
    }

    fn inspector_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let data = InspectorData {
            image: self.state.shared.inspected().and_then(|origin| self.state.shared.pictured(origin)),
            view: self.state.panels.inspector.view.as_deref(),
            gallery: self.state.shared.run.gallery.as_deref(),
            class: self.state.shared.class,
            file: self.state.shared.file_looked_at(),
            drawable: self.state.shared.is_drawable(),
            taken: self.state.shared.taken_otherwise(),
            selection: self.state.shared.selected.set.len(),
            outside: self.state.shared.inspects_what_is_filtered_out(),
            marks: self.state.shared.marks.as_ref(),
            waits: self.state.panels.marks.waits,
            pass: self.state.panels.subnetwork.pass,
            lecture: self.state.shared.lecture,
            explanation: explain_data(&self.state),
        };
        let atlases = [&mut self.atlas, &mut self.training_atlas, &mut self.foreign_atlas];
        inspector_ui(ui, &data, atlases, actions);
    }

    fn train_ui(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let shared = &self.state.shared;
        let source = shared.dataset.as_ref().map_or_else(String::new, |dataset| dataset.source.to_string());
        let run = &self.state.panels.train.run;
        if let Some(head) = run.film.head() {
            self.film_atlas.begin_frame(&head.pictures, head.training);
        }
        let data = TrainData {
            settings: &shared.settings.training,
            run,
            source: &source,
            digits: shared.dataset.as_ref().is_none_or(|dataset| dataset.digits.classes().are_digits()),
            open_hidden: shared.model.what.lenet().map(|lenet| lenet.architecture().hidden),
            watched: train::watched(shared),
            to_watch: Watched::ALL.map(|watched| train::to_watch(shared, watched)),
        };
        train_ui(ui, &data, &mut self.film_atlas, &mut self.train, actions);
    }

    fn overlays_ui(&mut self, context: &Context, actions: &mut Vec<Action>) {
        let images = self.state.shared.dataset.as_ref().map(|dataset| dataset.digits.len());
        let all = Searchable { commands: &self.commands, images };
        let done = match self.state.shared.overlay {
            Overlay::None => return,
            Overlay::Palette => palette_ui(context, all, &mut self.palette, actions),
            Overlay::About => about_ui(context),
            Overlay::Network => network_ui(context, &network_data(&self.state), actions),
            Overlay::Shortcuts => shortcuts_ui(context, &self.commands),
            Overlay::Help(topic) => help_ui(context, topic, all, &mut self.help, actions),
            Overlay::Leave => leave_ui(context, &self.state.shared.trained, actions),
            Overlay::Path(purpose) => path_ui(context, purpose, &mut self.path, actions),
            Overlay::Names => match &self.state.shared.dataset {
                Some(dataset) => class_names_ui(context, dataset.own_names(), &mut self.names, actions),
                None => true,
            },
        };
        if done {
            // Before what was chosen is carried out, which may open the next question.
            actions.insert(0, Action::Window(WindowAction::Escape));
        }
    }

    fn guide_data(&self) -> GuideData<'_> {
        let shared = &self.state.shared;
        let selected = shared.inspected();
        let view = self.state.panels.inspector.view.as_deref();
        let view = view.filter(|view| Some(view.origin) == selected && shared.guide.picks.is_none());
        GuideData {
            guide: &shared.guide,
            sentence: guide::sentence(
                &shared.guide,
                selected.filter(|_| shared.shows_inspector()),
                view,
                guide::held_up(shared),
            ),
            held_up: guide::held_up(shared),
        }
    }
}

impl eframe::App for DubitoApp {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, SETTINGS_KEY, &self.state.shared.settings_to_keep());
        self.lecture.keep(storage);
    }
}
