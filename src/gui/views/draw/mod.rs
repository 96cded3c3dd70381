//! The Draw tab: paper and pen, what the network makes of them while the pen moves, pictures, kept digits.

mod answer;
mod canvas;
mod cloud;
mod data;
mod history;
mod pictures;
mod strip;
mod textures;
mod watch;

use egui::scroll_area::{DragScroll, ScrollSource};
use egui::{RichText, ScrollArea, Slider, Ui};
use egui_material_icons::icons::{
    ICON_ADD_PHOTO_ALTERNATE, ICON_BOOKMARK_ADD, ICON_CONTENT_COPY, ICON_DELETE, ICON_EDIT, ICON_INK_ERASER,
    ICON_REDO, ICON_ROTATE_RIGHT, ICON_SAVE, ICON_UNDO,
};

use crate::data::{Class, UNLABELLED};
use crate::gui::action::{Action, DrawAction, FileAction, FilePurpose, RotateAction};
use crate::gui::atlas::Atlas;
use crate::gui::panel::draw::{Drawing, StartedFrom, WIDTHS};
use crate::gui::theme;
use crate::gui::views::buttons::{enabled_icon, icon_button};
use crate::gui::views::class_choice::{ClassChoice, MOST_BUTTONS, class_choice_ui};
use crate::gui::views::empty;
use crate::gui::views::explain::{ExplainData, drawing_ui};
use crate::gui::views::pace::Pace;
use crate::gui::views::plots::follow_focus;
use crate::shown::{PictureView, Seen};

pub use data::DrawData;

/// What the tab remembers between frames.
#[derive(Default)]
pub struct DrawMemory {
    textures: textures::Textures,
    pace: Pace,
}

/// The paper is never smaller: what is drawn on it with a mouse is a digit and no blot.
const LEAST_PAPER: f32 = 280.0;
/// Height of the history's plot.
const HISTORY: f32 = 74.0;
/// Width of the distribution.
const MIDDLE: f32 = 400.0;
/// At this width and above, the numbers stand beside the distribution rather than below it.
const WIDE: f32 = 1_060.0;

/// Why a drawing is uncertain.
pub struct DrawnWhy<'a> {
    /// What is known.
    pub explanation: ExplainData<'a>,
    /// Whether it is open.
    pub open: bool,
    /// The class chosen, which is the rival to compare with; the predicted one when `None`.
    pub class: Option<Class>,
}

/// Draws the tab; `atlases` are those of the dataset and of the training images.
pub fn draw_ui(
    ui: &mut Ui,
    data: &DrawData<'_>,
    why: &DrawnWhy<'_>,
    atlases: &mut [&mut Atlas; 2],
    memory: &mut DrawMemory,
    actions: &mut Vec<Action>,
) {
    let drawing = data.drawing;
    memory.textures.begin_frame();
    strips_ui(ui, data, memory, actions);
    if let Some(why) = &data.undrawable
        && (why.taken.is_colour() || (drawing.is_blank() && drawing.pictures.is_empty()))
    {
        empty::undrawable_ui(ui, why, actions);
        return;
    }
    let drawn = data.sights.drawn.as_ref().and_then(|view| view.seen.as_ref());
    let seen = drawn.filter(|_| !drawing.is_blank());
    let wide = ui.available_width() >= WIDE;
    let (width, height) = (ui.available_width(), ui.available_height());
    // The paper is the largest square that fits beside the other columns and above the history.
    let room = width - MIDDLE - if wide { 330.0 } else { 0.0 } - 40.0;
    let side = room.min(height - HISTORY - 122.0).max(LEAST_PAPER);
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(side.max(340.0));
            let paper = |ui: &mut Ui| {
                tools_ui(ui, drawing, actions);
                canvas::canvas_ui(ui, side, (drawing, data.answers), &mut memory.textures, actions);
                ui.add_space(2.0);
                history::history_ui(ui, data, HISTORY, actions);
                follow_focus(ui);
            };
            // In a low window the history lies below its edge; a drag draws and does not scroll.
            let still = ScrollSource { drag: DragScroll::Never, ..ScrollSource::default() };
            ScrollArea::vertical().id_salt("paper").auto_shrink(false).scroll_source(still).show(ui, paper);
        });
        ui.separator();
        ui.vertical(|ui| {
            ui.set_width(if wide { MIDDLE } else { ui.available_width() });
            ScrollArea::vertical().id_salt("draw answer").auto_shrink(false).show(ui, |ui| {
                ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                answer::head_ui(ui, data, seen, &mut memory.textures);
                label_ui(ui, data, seen.is_some(), actions);
                if let Some(seen) = seen {
                    answer::distribution_ui(ui, data, (seen, why.class), &mut memory.pace, actions);
                }
                if !wide {
                    side_ui(ui, (data, seen, why), atlases, memory, actions);
                }
                follow_focus(ui);
            });
        });
        if wide {
            ui.separator();
            ui.vertical(|ui| {
                ScrollArea::vertical().id_salt("draw numbers").auto_shrink(false).show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
                    side_ui(ui, (data, seen, why), atlases, memory, actions);
                    follow_focus(ui);
                });
            });
        }
    });
}

/// The steps of reading a picture while they matter, then the reason, numbers and closest images.
fn side_ui(
    ui: &mut Ui,
    (data, seen, why): (&DrawData<'_>, Option<&Seen>, &DrawnWhy<'_>),
    [atlas, training]: &mut [&mut Atlas; 2],
    memory: &mut DrawMemory,
    actions: &mut Vec<Action>,
) {
    let drawing = data.drawing;
    if let Some(picture) = drawing.shown_picture().filter(|picture| concerns(drawing, picture)) {
        pictures::steps_ui(ui, drawing, picture, &mut memory.textures, actions);
    }
    if let Some(seen) = seen {
        drawing_ui(ui, &why.explanation, why.open, seen, training, actions);
        answer::numbers_ui(ui, data, seen, actions);
        answer::neighbours_ui(ui, data, atlas, actions);
    }
}

fn concerns(drawing: &Drawing, picture: &PictureView) -> bool {
    match drawing.page.origin {
        Some(StartedFrom::Picture { id, .. }) if id == picture.id => true,
        _ => picture.steps.found.is_empty(),
    }
}

/// Draws My digits below a view that shows other images.
pub fn my_digits_ui(ui: &mut Ui, data: &DrawData<'_>, memory: &mut DrawMemory, actions: &mut Vec<Action>) {
    if data.sights.kept.is_empty() {
        return;
    }
    memory.textures.begin_frame();
    egui::Panel::bottom("my digits").resizable(false).show(ui, |ui| {
        ui.add_space(4.0);
        strip::kept_ui(ui, data, &mut memory.textures, actions);
    });
}

fn strips_ui(ui: &mut Ui, data: &DrawData<'_>, memory: &mut DrawMemory, actions: &mut Vec<Action>) {
    let pictures = !data.drawing.pictures.is_empty();
    let kept = !data.sights.kept.is_empty() && data.undrawable.is_none();
    if !pictures && !kept {
        return;
    }
    egui::Panel::bottom("draw strips").resizable(false).show(ui, |ui| {
        ui.add_space(4.0);
        if pictures {
            strip::found_ui(ui, data, &mut memory.textures, actions);
        }
        if kept {
            strip::kept_ui(ui, data, &mut memory.textures, actions);
        }
    });
}

fn tools_ui(ui: &mut Ui, drawing: &Drawing, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        for (eraser, icon, hint) in
            [(false, ICON_EDIT, "Pen (E)"), (true, ICON_INK_ERASER, "Eraser (E, or the right mouse button)")]
        {
            let text = RichText::new(icon.codepoint).size(17.0);
            let response = ui.add(egui::Button::selectable(drawing.eraser == eraser, text));
            let chosen = drawing.eraser == eraser;
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, hint));
            if response.on_hover_text(hint).clicked() && !chosen {
                actions.push(Action::Draw(DrawAction::ToggleEraser));
            }
        }
        let mut width = drawing.width;
        ui.spacing_mut().slider_width = 84.0;
        let response = ui.add(Slider::new(&mut width, WIDTHS).fixed_decimals(1));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(width), "Pen width"));
        if response.on_hover_text("Pen width in pixels of the network's image ([ and ])").changed() {
            actions.push(Action::Draw(DrawAction::SetWidth(width)));
        }
        ui.separator();
        let (back, forward) = drawing.steps();
        let undo = enabled_icon(ui, back || drawing.live.is_some(), ICON_UNDO, "Undo (Ctrl+Z)");
        let redo = enabled_icon(ui, forward, ICON_REDO, "Redo (Ctrl+Y)");
        let clear = enabled_icon(ui, !drawing.is_blank(), ICON_DELETE, "Clear the paper (Delete)");
        if clear.clicked() {
            actions.push(Action::Draw(DrawAction::Clear));
        }
        if undo.clicked() {
            actions.push(Action::Undo);
        }
        if redo.clicked() {
            actions.push(Action::Redo);
        }
        if icon_button(ui, ICON_ADD_PHOTO_ALTERNATE, "Open picture…").clicked() {
            actions.push(Action::File(FileAction::Ask(FilePurpose::OpenPicture)));
        }
    });
}

/// Which digit the drawing is meant to be, and what can be done with it.
fn label_ui(ui: &mut Ui, data: &DrawData<'_>, inked: bool, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        ui.spacing_mut().button_padding.x = 5.0;
        ui.weak("Label ");
        let answers = data.answers;
        if answers.len() > MOST_BUTTONS {
            let chosen = data.sights.label;
            let choice = ClassChoice {
                name: "Label of the drawing",
                classes: answers,
                chosen,
                none: "none",
                counts: None,
            };
            if let Some(class) = class_choice_ui(ui, &choice, 150.0) {
                actions.push(Action::Draw(DrawAction::SetLabel(Some(class))));
            }
        }
        for label in answers.iter().filter(|_| answers.len() <= MOST_BUTTONS) {
            let called = answers.name(label);
            let chosen = data.sights.label == Some(label);
            let response = ui.selectable_label(chosen, called);
            let name = format!("Label {called}");
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
            let wanted = if chosen { None } else { Some(label) };
            if response.on_hover_text(format!("It is meant to be a {called} (key {label})")).clicked() {
                actions.push(Action::Draw(DrawAction::SetLabel(wanted)));
            }
        }
        ui.add_space(6.0);
        ui.add_enabled_ui(inked, |ui| {
            if icon_button(ui, ICON_BOOKMARK_ADD, "Keep in My digits (K)").clicked() {
                actions.push(Action::Draw(DrawAction::Keep));
            }
            if icon_button(ui, ICON_ROTATE_RIGHT, "Open the drawing in Rotate").clicked() {
                let origin = crate::shown::subject::Origin::Drawing;
                actions.push(Action::Rotate(RotateAction::Open(origin)));
            }
            if icon_button(ui, ICON_CONTENT_COPY, "Copy the drawing (Ctrl+C)").clicked() {
                actions.push(Action::Draw(DrawAction::Copy));
            }
            if icon_button(ui, ICON_SAVE, "Save drawing…").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::SaveDrawing)));
            }
        });
    });
    let drawing = data.drawing;
    let from = match drawing.page.origin {
        Some(StartedFrom::Image { index, label }) if data.answers.are_numbers() && label != UNLABELLED => {
            format!("Started from image {index}, label {label}.")
        }
        Some(StartedFrom::Image { index, .. }) => format!("Started from image {index}."),
        Some(StartedFrom::Foreign(index)) => format!("Started from foreign image {index}."),
        Some(StartedFrom::Kept(_)) => "From My digits.".to_owned(),
        Some(StartedFrom::Picture { id, place }) => match drawing.picture(id) {
            Some(picture) if picture.options.whole => format!("{}, as it is.", picture.name),
            Some(picture) => format!("Digit {} of {}.", place + 1, picture.name),
            None => "From a picture.".to_owned(),
        },
        None => return,
    };
    let colour = theme::palette(ui.visuals()).weak;
    ui.add(egui::Label::new(RichText::new(from).small().color(colour)).truncate());
}
