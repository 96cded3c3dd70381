//! The palette: a few words typed lead to a command, an image or a page of the help.

use egui::{Align2, Context, Key, Modal, ScrollArea, TextEdit, WidgetInfo};

use super::search::Searchable;
use crate::gui::action::Action;

/// What the palette remembers between frames: what was typed before it opened, and since.
#[derive(Clone, Debug, Default)]
pub struct PaletteMemory {
    /// What was typed.
    pub query: String,
    /// The chosen line.
    pub chosen: usize,
}

impl PaletteMemory {
    /// With the first characters typed already.
    #[must_use]
    pub fn typed(query: &str) -> Self {
        Self { query: query.to_owned(), chosen: 0 }
    }
}

/// Draws the command palette; returns whether it should close.
pub fn palette_ui(
    context: &Context,
    all: Searchable<'_>,
    memory: &mut PaletteMemory,
    actions: &mut Vec<Action>,
) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("palette"))
        .area(
            Modal::default_area(egui::Id::unique("palette"))
                .anchor(Align2::CENTER_TOP, egui::vec2(0.0, 80.0)),
        )
        .show(context, |ui| {
            ui.set_width(460.0);
            let (up, down, enter) = ui.input_mut(|input| {
                let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
                (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter))
            });
            let field = TextEdit::singleline(&mut memory.query)
                .hint_text("A command, a measure, an image as #247")
                .desired_width(f32::INFINITY);
            let response = ui.add(field);
            response.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Command palette"));
            let response = response.on_hover_text("Arrows choose, Enter does it, Esc closes");
            response.request_focus();
            if response.changed() {
                memory.chosen = 0;
            }
            let found = all.for_palette(&memory.query);
            let last = found.len().saturating_sub(1);
            memory.chosen = memory.chosen.min(last);
            if down {
                memory.chosen = (memory.chosen + 1).min(last);
            }
            if up {
                memory.chosen = memory.chosen.saturating_sub(1);
            }
            ui.add_space(4.0);
            ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                for (line, found) in found.iter().enumerate() {
                    let response = found.line_ui(ui, line == memory.chosen);
                    if line == memory.chosen && (up || down) {
                        response.scroll_to_me(None);
                    }
                    let chosen = response.clicked() || (enter && line == memory.chosen);
                    if let Some(action) = found.action().filter(|_| chosen) {
                        actions.push(action);
                        done = true;
                    }
                }
                if found.is_empty() {
                    ui.weak("Nothing of that name.");
                }
            });
        });
    done || modal.should_close()
}
