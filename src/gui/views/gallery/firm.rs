//! Making what the gallery shows firm: a button, what is decided, and the tolerance.

use egui::{DragValue, RichText, Ui};
use egui_material_icons::icons::{ICON_STOP, ICON_TUNE, ICON_VERIFIED};

use crate::gui::action::{Action, GalleryAction};
use crate::gui::settings::{FirmSettings, TOLERANCE};
use crate::gui::views::terms;
use crate::help::Term;
use crate::shown::firm::FirmView;
use crate::uncertainty::Measure;
use crate::uncertainty::firm::can_be_firm;

/// What is to be made firm, and what has been.
#[derive(Clone, Copy)]
pub struct FirmData<'a> {
    /// The tolerance, and whether it happens by itself.
    pub settings: FirmSettings,
    /// What is known of what is shown.
    pub view: Option<&'a FirmView>,
    /// Whether passes are being drawn for it.
    pub running: bool,
    /// Whether there is something to make firm.
    pub ready: bool,
}

/// Draws the button, and what is decided.
pub(super) fn firm_ui(ui: &mut Ui, data: FirmData<'_>, measure: Measure, actions: &mut Vec<Action>) {
    let gallery = |action| Action::Gallery(action);
    if data.running {
        let text = format!("{} Stop", ICON_STOP.codepoint);
        let response =
            ui.button(text).on_hover_text("What has been drawn stays, and Make firm goes on from there");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Stop making firm"));
        if response.clicked() {
            actions.push(gallery(GalleryAction::StopFirm));
        }
    } else {
        let can = can_be_firm(measure) && data.ready;
        let text = format!("{} Make firm", ICON_VERIFIED.codepoint);
        let response = ui.add_enabled(can, egui::Button::new(text));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, can, "Make firm"));
        let hint = "Draw further passes for the images whose place they would settle, until which are shown, and their \
                    order, is decided with 95 % confidence";
        let response =
            terms::named(ui, response, Term::Firm, hint).on_disabled_hover_text(if can_be_firm(measure) {
                "Once all passes are there"
            } else {
                "This measure's error needs every pass or every image: no part of them can be made firm"
            });
        if response.clicked() {
            actions.push(gallery(GalleryAction::MakeFirm));
        }
    }
    let menu = ui.menu_button(ICON_TUNE.codepoint, |ui| {
        let FirmSettings { mut tolerance, mut auto } = data.settings;
        ui.horizontal(|ui| {
            ui.label("Tolerance");
            let drag = DragValue::new(&mut tolerance).speed(0.001).range(TOLERANCE).max_decimals(4);
            let response = ui
                .add(drag)
                .on_hover_text("Values closer than this need not be told apart, in the unit of the measure");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Tolerance"));
            if response.changed() {
                actions.push(gallery(GalleryAction::SetFirm(FirmSettings { tolerance, ..data.settings })));
            }
        });
        if ui.checkbox(&mut auto, "By itself when nothing else is computed").changed() {
            actions.push(gallery(GalleryAction::SetFirm(FirmSettings { auto, ..data.settings })));
        }
    });
    let response =
        menu.response.on_hover_text("How far rankings are decided, and whether that happens by itself");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "How firm"));
    if let Some(view) = data.view {
        let text = RichText::new(view.short());
        ui.label(if data.running { text.weak() } else { text }).on_hover_text(view.told());
    }
}
