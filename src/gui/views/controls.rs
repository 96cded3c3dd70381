//! The left panel: which images are shown and how they are sorted.

use egui::{RichText, Ui};

use crate::data::ClassNames;
use crate::data::marks::Tally;
use crate::gui::action::{Action, GalleryAction, Shelf, Subset};
use crate::gui::charts;
use crate::gui::settings::{Arrangement, Settings};
use crate::gui::theme;
use crate::shown::GalleryView;
use crate::shown::highlight::Highlight;
use crate::uncertainty::{Filter, Grouping, Measure};
use crate::wording;

use super::chart_menu::chart_menu_ui;
use super::class_choice::{ClassChoice, MOST_BUTTONS, class_choice_ui};
use super::headings::section;
use super::histogram::histogram_ui;
use super::marks::marked_ui;
use super::names::fitted;
use super::terms;

/// What the controls show.
pub struct ControlsData<'a> {
    /// The current choices.
    pub settings: &'a Settings,
    /// What labels and answers are called.
    pub names: &'a ClassNames,
    /// The number of images of each digit under the chosen grouping; `None` until known.
    pub counts: Option<&'a [usize]>,
    /// What the gallery and the plane show; `None` until the first passes are done.
    pub view: Option<&'a GalleryView>,
    /// The shelf that is shown.
    pub shelf: Option<Shelf>,
    /// What was said of images so far.
    pub tally: Tally,
    /// The images lit up.
    pub highlight: Option<&'a Highlight>,
}

/// Draws the controls; returns which part of the histogram the pointer or the keyboard is on.
pub fn controls_ui(ui: &mut Ui, data: &ControlsData<'_>, actions: &mut Vec<Action>) -> Option<Subset> {
    let settings = data.settings;
    if data.names.are_digits() {
        title(ui, "Digit", "Which images are shown, by their digit");
        digits_ui(ui, data, actions);
    } else {
        title(ui, "Class", "Which images are shown, by their class");
        classes_ui(ui, data, actions);
    }
    let [by_label, by_prediction] = if data.names.are_digits() {
        ["The digit is the image's label", "The digit is what the network predicts"]
    } else {
        ["The class is the image's label", "The class is what the network predicts"]
    };
    ui.horizontal(|ui| {
        for (grouping, text, hint) in
            [(Grouping::Label, "by label", by_label), (Grouping::Prediction, "by prediction", by_prediction)]
        {
            if ui.selectable_label(settings.grouping == grouping, text).on_hover_text(hint).clicked() {
                actions.push(Action::Gallery(GalleryAction::SetGrouping(grouping)));
            }
        }
    });

    let top = ui.cursor().min + egui::vec2(0.0, 4.0);
    ui.add_space(8.0);
    let heading = RichText::new("Sort by").small().strong().color(theme::palette(ui.visuals()).weak);
    terms::term_ui(ui, heading, terms::of_measure(settings.measure));
    egui::ComboBox::from_id_salt("measure")
        .selected_text(settings.measure.label())
        .width(ui.available_width() - 8.0)
        .show_ui(ui, |ui| {
            for measure in Measure::ALL {
                let chosen = settings.measure == measure;
                if ui.selectable_label(chosen, measure.label()).on_hover_text(measure.explanation()).clicked()
                {
                    actions.push(Action::Gallery(GalleryAction::SetMeasure(measure)));
                }
            }
        })
        .response
        .on_hover_text(settings.measure.explanation())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Measure"));
    let hovered = data.view.and_then(|view| histogram_ui(ui, view, data.highlight, actions));
    if let Some(view) = data.view {
        let end = egui::pos2(ui.max_rect().right() - 4.0, ui.cursor().top());
        let whole = egui::Rect::from_min_max(top, end);
        chart_menu_ui(ui, whole, "measure of the images", actions, || charts::measure_histogram(view));
    }

    title(ui, "Show", "Which images are shown, by whether the network is right");
    ui.horizontal(|ui| {
        for (filter, text, hint) in [
            (Filter::All, "all", "All images"),
            (Filter::Right, "right", "Images whose prediction is their label"),
            (Filter::Wrong, "wrong", "Images whose prediction is not their label"),
        ] {
            if ui.selectable_label(settings.filter == filter, text).on_hover_text(hint).clicked() {
                actions.push(Action::Gallery(GalleryAction::SetFilter(filter)));
            }
        }
    });
    // Always there, so that what is below stays under the pointer.
    let halves = settings.arrangement == Arrangement::Halves;
    ui.add_enabled_ui(halves, |ui| {
        ui.horizontal(|ui| {
            let mut top = settings.top;
            let response = ui.add(
                egui::DragValue::new(&mut top).range(1..=1000).prefix("top ").update_while_editing(false),
            );
            named(&response, "Images in each half");
            let response = response.on_disabled_hover_text("One ranking has no halves");
            if response.on_hover_text("Images in each half").changed() {
                actions.push(Action::Gallery(GalleryAction::SetTop(top)));
            }
            ui.weak("of each half");
        });
    });

    section(ui, "Shelves");
    for shelf in Shelf::ALL {
        let on = data.shelf == Some(shelf);
        let button = egui::Button::selectable(on, shelf.label()).frame_when_inactive(true);
        if ui.add(button).on_hover_text(shelf.explanation()).clicked() {
            let wanted = if on { GalleryAction::LeaveShelf(shelf) } else { GalleryAction::Shelf(shelf) };
            actions.push(Action::Gallery(wanted));
        }
    }

    section(ui, "Marks");
    let only = data.view.and_then(|view| view.only.as_ref()).map(|only| only.name.as_str());
    marked_ui(ui, data.tally, only, actions);
    hovered
}

fn title(ui: &mut Ui, text: &str, hint: &str) {
    ui.add_space(8.0);
    ui.label(RichText::new(text).small().strong().color(theme::palette(ui.visuals()).weak))
        .on_hover_text(hint);
}

fn named(response: &egui::Response, name: &'static str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}

fn digits_ui(ui: &mut Ui, data: &ControlsData<'_>, actions: &mut Vec<Action>) {
    let chosen = data.settings.digit;
    let width = (ui.available_width() - 4.0 * 4.0) / 5.0;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for row in [0..5, 5..10] {
            ui.horizontal(|ui| {
                for digit in row {
                    let text = RichText::new(digit.to_string()).size(16.0);
                    let button = egui::Button::selectable(chosen == Some(digit), text)
                        .frame_when_inactive(true)
                        .min_size(egui::vec2(width, 28.0));
                    let response = ui.add(button);
                    let hint = match data.counts {
                        Some(counts) => {
                            let count = counts.get(usize::from(digit)).copied().unwrap_or(0);
                            format!("{count} images (key {digit})")
                        }
                        None => format!("Key {digit}"),
                    };
                    if response.on_hover_text(hint).clicked() {
                        actions.push(Action::Gallery(GalleryAction::SetDigit(Some(digit))));
                    }
                }
            });
        }
        let all = egui::Button::selectable(chosen.is_none(), "All digits").frame_when_inactive(true);
        let size = egui::vec2(ui.available_width(), 24.0);
        if ui.add_sized(size, all).on_hover_text("Key A").clicked() {
            actions.push(Action::Gallery(GalleryAction::SetDigit(None)));
        }
    });
}

/// The classes by name: buttons for a few, a list to search for many.
fn classes_ui(ui: &mut Ui, data: &ControlsData<'_>, actions: &mut Vec<Action>) {
    let settings = data.settings;
    let classes = match settings.grouping {
        Grouping::Label => &data.names.labels,
        Grouping::Prediction => &data.names.answers,
    };
    let chosen = settings.digit.filter(|class| usize::from(*class) < classes.len());
    let mut choose = |class| actions.push(Action::Gallery(GalleryAction::SetDigit(class)));
    if classes.len() > MOST_BUTTONS {
        let choice =
            ClassChoice { name: "Class shown", classes, chosen, none: "All classes", counts: data.counts };
        let width = ui.available_width() - 8.0;
        if let Some(class) = class_choice_ui(ui, &choice, width) {
            choose(Some(class));
        }
    } else {
        let size = egui::vec2((ui.available_width() - 4.0) / 2.0, 24.0);
        egui::Grid::new("classes").num_columns(2).spacing([4.0, 4.0]).show(ui, |ui| {
            for class in classes.iter() {
                let name = classes.name(class);
                let shown =
                    fitted(ui.painter(), name, &egui::TextStyle::Body.resolve(ui.style()), size.x - 10.0);
                let button = egui::Button::selectable(chosen == Some(class), shown)
                    .frame_when_inactive(true)
                    .min_size(size);
                let response = ui.add(button);
                response.widget_info(|| {
                    let on = chosen == Some(class);
                    egui::WidgetInfo::selected(egui::Role::Button, true, on, name)
                });
                let count = data.counts.and_then(|counts| counts.get(usize::from(class)));
                let images =
                    count.map_or_else(String::new, |count| format!(", {}", wording::count(*count, "image")));
                let key = if class < 10 { format!(" (key {class})") } else { String::new() };
                if response.on_hover_text(format!("{name}{images}{key}")).clicked() {
                    choose(Some(class));
                }
                if class % 2 == 1 {
                    ui.end_row();
                }
            }
        });
    }
    let all = egui::Button::selectable(chosen.is_none(), "All classes").frame_when_inactive(true);
    let size = egui::vec2(ui.available_width(), 24.0);
    if ui.add_sized(size, all).on_hover_text("Key A").clicked() {
        choose(None);
    }
}
