//! Menus, what is open, theme and palette.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{PopupCloseBehavior, RichText, ScrollArea, Ui};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{
    ICON_CHECK, ICON_DARK_MODE, ICON_DATASET, ICON_DOCK_TO_LEFT, ICON_DOCK_TO_RIGHT, ICON_LIGHT_MODE,
    ICON_NEUROLOGY, ICON_SEARCH,
};

use crate::data::images::sources::SplitInfo;
use crate::data::source::Split;
use crate::gui::action::{Action, FileAction, FilePurpose, RunAction, WindowAction};
use crate::gui::command::{Menu, MenuCommand};
use crate::gui::settings::{Tab, ThemeChoice};
use crate::gui::shared::TrainedNetworks;
use crate::gui::theme;
use crate::gui::views::network_input::input_ui;
use crate::model::OpenedGraph;
use crate::sampling::NetworkKey;
use crate::shown::InputCheck;
use crate::wording;

use super::sites::site_ui;

/// What the top bar shows.
pub struct TopBarData<'a> {
    /// All commands.
    pub commands: &'a [MenuCommand],
    /// The dataset: the name in its chip, and its tooltip.
    pub dataset: (String, String),
    /// Whether the dataset is a fall-back.
    pub fallback: bool,
    /// The split shown.
    pub split: Split,
    /// The splits of the source; none where it is MNIST's two pairs of files.
    pub splits: &'a [SplitInfo],
    /// Which of these is shown.
    pub part: Option<&'a str>,
    /// The network: the name in its chip, and its tooltip.
    pub model: (String, String),
    /// Of a graph: where dropout acts in it or could.
    pub graph: Option<&'a OpenedGraph>,
    /// How well it answers, given its images so.
    pub input_check: Option<&'a InputCheck>,
    /// Whether more is being found out of it.
    pub checking: bool,
    /// Networks trained in this window.
    pub trained: &'a TrainedNetworks,
    /// The network that is open.
    pub open: NetworkKey,
    /// Whether the controls are shown; `None` in a view without them.
    pub controls: Option<bool>,
    /// Whether the inspector is shown; `None` in a view without it.
    pub inspector: Option<bool>,
    /// The last steps by name, the newest first: asked for only while the menu that lists them is open.
    pub steps: Box<dyn Fn() -> Vec<String> + 'a>,
    /// Whether what a command chooses is chosen already; `None` for a command that chooses nothing.
    pub in_force: InForce<'a>,
}

/// Says whether what a command chooses is chosen already.
pub type InForce<'a> = Box<dyn Fn(&Action) -> Option<bool> + 'a>;

/// Draws the top bar.
pub fn top_bar_ui(ui: &mut Ui, data: &TopBarData<'_>, actions: &mut Vec<Action>) {
    egui::MenuBar::new().ui(ui, |ui| {
        for (menu, name) in Menu::BAR {
            let shown = ui.menu_button(name, |ui| {
                menu_ui(ui, data, menu, actions);
                if menu == Menu::Edit {
                    steps_ui(ui, &(data.steps)(), actions);
                }
            });
            shown.response.on_hover_text(menu.hint());
        }
        ui.separator();
        dataset_ui(ui, data, actions);
        model_ui(ui, data, actions);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let dark = ui.visuals().dark_mode;
            if icon_button(ui, ICON_SEARCH, "Command palette (Ctrl+P)", Some(false)) {
                actions.push(Action::Window(WindowAction::TogglePalette));
            }
            let (icon, hint, other) = if dark {
                (ICON_LIGHT_MODE, "Light theme", ThemeChoice::Light)
            } else {
                (ICON_DARK_MODE, "Dark theme", ThemeChoice::Dark)
            };
            if icon_button(ui, icon, hint, Some(false)) {
                actions.push(Action::Window(WindowAction::SetTheme(other)));
            }
            // Material names them after the side that what stands beside the panel is docked to.
            for (icon, hint, shown, action) in [
                (ICON_DOCK_TO_LEFT, "Inspector (Ctrl+I)", data.inspector, WindowAction::ToggleInspector),
                (ICON_DOCK_TO_RIGHT, "Controls (Ctrl+B)", data.controls, WindowAction::ToggleControls),
            ] {
                if icon_button(ui, icon, hint, shown) {
                    actions.push(Action::Window(action));
                }
            }
        });
    });
}

/// Draws the tabs of the views.
pub fn tabs_ui(ui: &mut Ui, chosen: Tab, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        for tab in Tab::ALL {
            let text = RichText::new(tab.label()).size(15.0);
            let response = ui.selectable_label(chosen == tab, text).on_hover_text(tab.explanation());
            if response.clicked() {
                actions.push(Action::Window(WindowAction::ShowTab(tab)));
            }
        }
    });
}

/// A button that is only an icon, `on` or not, or nothing to press: named for screen readers, explained on hover.
fn icon_button(ui: &mut Ui, icon: MaterialIcon, hint: &str, on: Option<bool>) -> bool {
    let button = egui::Button::selectable(on == Some(true), RichText::new(icon.codepoint).size(17.0));
    let response = ui.add_enabled(on.is_some(), button.frame_when_inactive(false));
    let what = match on {
        Some(on) => egui::WidgetInfo::selected(egui::Role::Button, true, on, hint),
        None => egui::WidgetInfo::labeled(egui::Role::Button, false, hint),
    };
    response.widget_info(|| what.clone());
    response.on_hover_text(hint).on_disabled_hover_text(format!("{hint}: not in this view")).clicked()
}

/// The commands of a menu, with their keys.
fn menu_ui(ui: &mut Ui, data: &TopBarData<'_>, menu: Menu, actions: &mut Vec<Action>) {
    let mut group = None;
    for command in data.commands.iter().filter(|command| command.menu == menu) {
        if group.is_some_and(|group| group != command.group()) {
            ui.separator();
        }
        group = Some(command.group());
        let chosen = (data.in_force)(&command.action);
        let mut button = match chosen {
            Some(true) => {
                egui::Button::selectable(true, format!("{} {}", ICON_CHECK.codepoint, command.name))
            }
            _ => egui::Button::new(&command.name),
        };
        if let Some(keys) = command.keys(ui.ctx()) {
            button = button.shortcut_text(keys);
        }
        let response = ui.add(button);
        if let Some(chosen) = chosen {
            response
                .widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &command.name));
        }
        if response.clicked() {
            actions.push(command.action.clone());
            ui.close();
        }
    }
}

/// The last steps: a click goes back to before one.
fn steps_ui(ui: &mut Ui, steps: &[String], actions: &mut Vec<Action>) {
    ui.separator();
    ui.weak(if steps.is_empty() { "No steps to go back" } else { "Go back to before" });
    for (number, name) in (1..).zip(steps) {
        let hint = match number {
            1 => "Undo this step".to_owned(),
            _ => format!("Undo this step and those after it, {number} in all"),
        };
        let response = ui.button(theme::drawn(name)).on_hover_text(hint);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
        if response.clicked() {
            actions.push(Action::UndoSteps(number));
            ui.close();
        }
    }
}

fn chip(icon: MaterialIcon, text: &str) -> String {
    format!("{} {text}", icon.codepoint)
}

fn dataset_ui(ui: &mut Ui, data: &TopBarData<'_>, actions: &mut Vec<Action>) {
    let (name, detail) = &data.dataset;
    let mut text = RichText::new(chip(ICON_DATASET, name));
    if data.fallback {
        text = text.color(theme::palette(ui.visuals()).warning);
    }
    let shown = ui.menu_button(text, |ui| {
        ui.set_max_width(320.0);
        // A menu stretches words that are wrapped to its width.
        ui.vertical(|ui| ui.add(egui::Label::new(RichText::new(detail).weak()).wrap()));
        ui.separator();
        splits_ui(ui, data, actions);
        ui.separator();
        for (text, action) in [
            ("Open data folder…", Action::File(FileAction::Ask(FilePurpose::OpenData))),
            ("Names of the classes…", Action::Window(WindowAction::NameClasses)),
            ("MNIST from cache or download", Action::Run(RunAction::RetryDownload)),
            ("Synthetic digits", Action::Run(RunAction::UseSynthetic)),
        ] {
            if ui.button(text).clicked() {
                actions.push(action);
                ui.close();
            }
        }
    });
    shown.response.on_hover_text("The images shown: where they come from, and others to open");
}

/// The splits there are, and which is shown.
fn splits_ui(ui: &mut Ui, data: &TopBarData<'_>, actions: &mut Vec<Action>) {
    if data.splits.is_empty() {
        for (split, text) in [(Split::Test, "Test images"), (Split::Train, "Training images")] {
            if ui.radio(data.split == split, text).clicked() {
                actions.push(Action::Run(RunAction::SetSplit(split)));
                ui.close();
            }
        }
        return;
    }
    ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
        for split in data.splits {
            let images = split.images.map(|images| format!(" · {}", wording::count(images, "image")));
            let unlabelled = if split.labelled { "" } else { " · no labels" };
            let text = format!("{}{}{unlabelled}", split.name, images.unwrap_or_default());
            if ui.radio(data.part == Some(split.name.as_str()), text).clicked() {
                actions.push(Action::Run(RunAction::SetPart(split.name.clone())));
                ui.close();
            }
        }
    });
}

/// Where dropout acts in a graph, each site to be switched on and off.
fn sites_ui(ui: &mut Ui, opened: &OpenedGraph, actions: &mut Vec<Action>) {
    ui.label(RichText::new("Dropout before").strong());
    ScrollArea::vertical().max_height(220.0).show(ui, |ui| {
        for at in 0..opened.graph.sites().len() {
            site_ui(ui, opened, at, actions);
        }
    });
}

fn model_ui(ui: &mut Ui, data: &TopBarData<'_>, actions: &mut Vec<Action>) {
    let (name, detail) = &data.model;
    let mut text = RichText::new(chip(ICON_NEUROLOGY, name));
    if data.trained.is_unsaved(data.open) {
        text = RichText::new(format!("{} · unsaved", chip(ICON_NEUROLOGY, name)))
            .color(theme::palette(ui.visuals()).warning);
    }
    // It stays open while sites are chosen.
    let config = MenuConfig::find(ui).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(text).config(config).ui(ui, |ui| {
        ui.set_max_width(370.0);
        // A menu stretches words that are wrapped to its width.
        ui.vertical(|ui| ui.add(egui::Label::new(RichText::new(detail).weak()).wrap()));
        ui.separator();
        if let Some(opened) = data.graph {
            sites_ui(ui, opened, actions);
            ui.separator();
            input_ui(ui, opened, (data.input_check, data.checking), actions);
            ui.separator();
        }
        for (which, here) in data.trained.list().iter().enumerate() {
            let name =
                if here.saved { here.model.name.clone() } else { format!("{} · unsaved", here.model.name) };
            if ui.radio(here.model.key() == data.open, name).clicked() {
                actions.push(Action::Run(RunAction::UseTrained(which)));
                ui.close();
            }
        }
        if !data.trained.list().is_empty() {
            ui.separator();
        }
        for (text, action) in [
            ("Layers of the network", Action::Window(WindowAction::ShowNetwork)),
            ("Open model…", Action::File(FileAction::Ask(FilePurpose::OpenModel))),
            ("Save model…", Action::File(FileAction::Ask(FilePurpose::SaveModel))),
            ("Use the bundled model", Action::Run(RunAction::UseBundledModel)),
        ] {
            // A graph is in a file of its own already.
            let is_save = action == Action::File(FileAction::Ask(FilePurpose::SaveModel));
            if data.graph.is_some() && is_save {
                continue;
            }
            if ui.button(text).clicked() {
                actions.push(action);
                ui.close();
            }
        }
    });
    response.on_hover_text("The network in use: what it is, and others to open or save");
}
