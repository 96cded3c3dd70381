//! The help: topics on the left, the page on the right; over the window.

use egui::text::LayoutJob;
use egui::{
    Context, FontId, Key, Modal, Modifiers, RichText, ScrollArea, TextEdit, TextFormat, TextStyle, Ui, Vec2,
};

use super::search::{Found, Searchable};

use crate::gui::action::{Action, WindowAction};
use crate::gui::theme;
use crate::gui::views::names::width_of;
use crate::gui::views::plots::follow_focus;
use crate::help::{Block, Cell, Link, Page, Piece, Span, Style, Topic, fit, lengths, pieces, plain};

/// Width of the list of topics, in points.
const TOPICS: f32 = 200.0;
/// Lines of text longer than this tire the eye, in points.
const LONGEST_LINE: f32 = 760.0;
/// How far an arrow key scrolls, in points.
const LINE: f32 = 40.0;
/// Between the columns of a table, in points.
const GUTTER: f32 = 16.0;
/// A character's mean width, as a share of its font's size: what a column's width is reckoned with.
const CHARACTER: f32 = 0.56;

/// What the help remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct HelpMemory {
    /// What is searched for.
    pub query: String,
    /// The block to scroll to.
    block: Option<usize>,
}

impl HelpMemory {
    /// The page is shown from this block on.
    pub fn show(&mut self, block: usize) {
        self.block = Some(block);
    }
}

/// Draws the page of a topic, the list of all, and what is found of them; says whether it is done with.
#[must_use]
pub fn help_ui(
    context: &Context,
    topic: Topic,
    all: Searchable<'_>,
    memory: &mut HelpMemory,
    actions: &mut Vec<Action>,
) -> bool {
    let room = context.content_rect().size() - Vec2::new(64.0, 72.0);
    let size = room.min(Vec2::new(TOPICS + LONGEST_LINE + 60.0, 860.0)).max(Vec2::new(420.0, 200.0));
    let again = context.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F1));
    let mut left = false;
    let modal = Modal::new(egui::Id::unique("help")).show(context, |ui| {
        ui.set_width(size.x);
        ui.set_height(size.y);
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(TOPICS);
                field_ui(ui, memory);
                if memory.query.trim().is_empty() {
                    topics_ui(ui, topic, actions);
                } else {
                    left = found_ui(ui, all, &memory.query, actions);
                }
            });
            ui.separator();
            ui.vertical(|ui| page_ui(ui, topic, memory, actions));
        });
    });
    again || left || modal.should_close()
}

/// The field for what is searched.
fn field_ui(ui: &mut Ui, memory: &mut HelpMemory) {
    let field = TextEdit::singleline(&mut memory.query).hint_text("Search (Ctrl+F)");
    let response = ui.add(field.desired_width(TOPICS - theme::SCROLL_BAR - 8.0));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search the help"));
    let response =
        response.on_hover_text("Commands, measures, words and pages by what they are called (Ctrl+F)");
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
        response.request_focus();
    }
}

/// What is found; says whether it leads out of the help.
fn found_ui(ui: &mut Ui, all: Searchable<'_>, query: &str, actions: &mut Vec<Action>) -> bool {
    let mut left = false;
    let found = all.for_help(query);
    ScrollArea::vertical().id_salt("found").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(TOPICS - theme::SCROLL_BAR);
        if found.is_empty() {
            ui.weak("Nothing is found.");
        }
        for (number, found) in found.iter().enumerate() {
            let response = ui.push_id(number, |ui| found.line_ui(ui, false)).inner;
            if let Some(action) = found.action().filter(|_| response.clicked()) {
                left |= !matches!(found, Found::Help(_));
                actions.push(action);
            }
        }
    });
    left
}

/// The list of topics, which the left and right arrows walk through.
fn topics_ui(ui: &mut Ui, chosen: Topic, actions: &mut Vec<Action>) {
    let typing = ui.ctx().text_edit_focused();
    let (back, on) = ui.input_mut(|input| {
        let mut pressed = |key| !typing && input.consume_key(Modifiers::NONE, key);
        (pressed(Key::ArrowLeft), pressed(Key::ArrowRight))
    });
    let at = Topic::ALL.iter().position(|topic| *topic == chosen).unwrap_or(0);
    let next = if on { Topic::ALL.get(at + 1) } else { None };
    let before = if back { at.checked_sub(1).and_then(|at| Topic::ALL.get(at)) } else { None };
    actions.extend(next.or(before).map(|topic| Action::Window(WindowAction::ShowHelp(*topic))));
    ScrollArea::vertical().id_salt("topics").auto_shrink(false).show(ui, |ui| {
        ui.label(RichText::new("Help").small().strong().color(theme::palette(ui.visuals()).weak));
        for topic in Topic::ALL {
            let wide = Vec2::new(TOPICS - theme::SCROLL_BAR, 0.0);
            let button = egui::Button::selectable(topic == chosen, topic.title()).min_size(wide).wrap();
            if ui.add(button).on_hover_text(topic.page().summary.as_str()).clicked() {
                actions.push(Action::Window(WindowAction::ShowHelp(topic)));
            }
        }
        follow_focus(ui);
    });
}

/// How far the keys scroll: down is positive, and infinite to an end.
pub(super) fn scrolled(ui: &Ui, height: f32) -> f32 {
    if ui.ctx().text_edit_focused() {
        return 0.0;
    }
    ui.input_mut(|input| {
        let mut pressed = |key, by| if input.consume_key(Modifiers::NONE, key) { by } else { 0.0 };
        let page = (height - LINE).max(LINE);
        pressed(Key::ArrowDown, LINE)
            + pressed(Key::ArrowUp, -LINE)
            + pressed(Key::PageDown, page)
            + pressed(Key::PageUp, -page)
            + pressed(Key::Space, page)
            + pressed(Key::Home, -1e6)
            + pressed(Key::End, 1e6)
    })
}

fn page_ui(ui: &mut Ui, topic: Topic, memory: &mut HelpMemory, actions: &mut Vec<Action>) {
    let by = scrolled(ui, ui.available_height());
    // Each page keeps its own place.
    ScrollArea::vertical().id_salt(topic.name()).auto_shrink(false).show(ui, |ui| {
        if by != 0.0 {
            ui.scroll_with_delta_animation(Vec2::new(0.0, -by), egui::style::ScrollAnimation::none());
        }
        ui.set_max_width((ui.available_width() - theme::SCROLL_BAR).min(LONGEST_LINE));
        let page: &Page = topic.page();
        ui.label(RichText::new(&page.title).size(22.0).strong());
        for (number, block) in page.blocks.iter().enumerate() {
            let place = ui.push_id(number, |ui| block_ui(ui, block, actions)).response;
            if memory.block == Some(number) {
                place.scroll_to_me_animation(Some(egui::Align::TOP), egui::style::ScrollAnimation::none());
                memory.block = None;
            }
        }
        ui.add_space(24.0);
        follow_focus(ui);
    });
}

fn block_ui(ui: &mut Ui, block: &Block, actions: &mut Vec<Action>) {
    match block {
        Block::Heading(level, spans) => {
            let (above, size) = if *level == 2 { (12.0, 17.0) } else { (6.0, 14.5) };
            ui.add_space(above);
            ui.label(RichText::new(plain(spans)).size(size).strong());
        }
        Block::Paragraph(spans) => {
            spans_ui(ui, spans, false, actions);
            ui.add_space(4.0);
        }
        Block::Code(code) => code_ui(ui, code),
        Block::List { first, items } => {
            for (at, item) in (0_u64..).zip(items) {
                ui.horizontal_top(|ui| {
                    let bullet = first.map_or_else(|| "•".to_owned(), |first| format!("{}.", first + at));
                    ui.add_space(6.0);
                    ui.label(bullet);
                    ui.vertical(|ui| {
                        for (number, block) in item.iter().enumerate() {
                            ui.push_id((at, number), |ui| block_ui(ui, block, actions));
                        }
                    });
                });
            }
        }
        Block::Table(rows) => table_ui(ui, rows, actions),
    }
}

fn code_ui(ui: &mut Ui, code: &str) {
    let fill = ui.visuals().extreme_bg_color;
    let edge = egui::Stroke::new(1.0, theme::palette(ui.visuals()).faint);
    egui::Frame::new().fill(fill).stroke(edge).corner_radius(4.0).inner_margin(8.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        // A long command is scrolled to rather than broken: broken it could not be copied line by line.
        ScrollArea::horizontal().auto_shrink([false, true]).show(ui, |ui| {
            ui.add(egui::Label::new(RichText::new(code).monospace()).extend());
        });
    });
}

fn table_ui(ui: &mut Ui, rows: &[Vec<Cell>], actions: &mut Vec<Action>) {
    let columns = rows.first().map_or(0, Vec::len);
    let character = CHARACTER * TextStyle::Body.resolve(ui.style()).size;
    let gutters = GUTTER * columns.saturating_sub(1) as f32;
    let room = ((ui.available_width() - gutters).max(0.0) / character) as usize;
    let widths = fit(rows, room, |cell| lengths(&plain(cell)).map(|long| long + 1));
    egui::Grid::new("table").striped(true).num_columns(columns).spacing([GUTTER, 6.0]).show(ui, |ui| {
        for (number, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(&widths) {
                ui.vertical(|ui| {
                    ui.set_width(*width as f32 * character);
                    spans_ui(ui, cell, number == 0, actions);
                });
            }
            ui.end_row();
        }
    });
}

/// Text with its links, broken into lines.
fn spans_ui(ui: &mut Ui, spans: &[Span], strong: bool, actions: &mut Vec<Action>) {
    ui.scope(|ui| {
        // A line is as high as its text: in a higher one a link would stand above the words beside it.
        ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            for piece in pieces(spans) {
                piece_ui(ui, piece, strong, actions);
            }
        });
    });
}

fn piece_ui(ui: &mut Ui, piece: Piece<'_>, strong: bool, actions: &mut Vec<Action>) {
    match piece {
        Piece::Text(text) if text.iter().all(|(text, _)| text.is_empty()) => {}
        Piece::Text(text) => {
            ui.add(egui::Label::new(job(ui, &text, strong)).wrap());
        }
        Piece::Link { before, link, text, after } => {
            let around = [before, after].map(|beside| beside.map(|beside| job(ui, &[beside], strong)));
            link_ui(ui, link, &text, around, actions);
        }
    }
}

/// Characters of a link that fit into a line of the narrowest page.
const LONGEST_LINK: usize = 40;

/// Draws a link between what touches it: all of it on one line, wherever that has the room.
fn link_ui(
    ui: &mut Ui,
    link: &Link,
    text: &str,
    [before, after]: [Option<LayoutJob>; 2],
    actions: &mut Vec<Action>,
) {
    // Broken into two lines it would be two stops of the Tab key, the second without a name.
    let whole = text.chars().count() < LONGEST_LINK;
    if whole {
        let font = TextStyle::Body.resolve(ui.style());
        let beside = [&before, &after].into_iter().flatten();
        let beside: f32 = beside.map(|job| ui.painter().layout_job(job.clone()).size().x).sum();
        let wide = beside + width_of(ui.painter(), text, &font);
        // A point for rounding.
        if wide + 1.0 > ui.available_size_before_wrap().x && wide < ui.max_rect().width() {
            ui.end_row();
        }
    }
    let beside_ui = |ui: &mut Ui, job: Option<LayoutJob>| {
        if let Some(job) = job {
            ui.add(egui::Label::new(job).extend());
        }
    };
    beside_ui(ui, before);
    ui.style_mut().wrap_mode = whole.then_some(egui::TextWrapMode::Extend);
    let response = ui.link(text);
    ui.style_mut().wrap_mode = None;
    beside_ui(ui, after);
    match link {
        Link::Page(topic) => {
            if response.on_hover_text(topic.title()).clicked() {
                actions.push(Action::Window(WindowAction::ShowHelp(*topic)));
            }
        }
        Link::Web(address) => {
            if response.on_hover_text(address).clicked() {
                ui.ctx().open_url(egui::OpenUrl::new_tab(address));
            }
        }
    }
}

/// Text of several kinds in one piece.
fn job(ui: &Ui, text: &[(&str, Style)], strong: bool) -> LayoutJob {
    let body = TextStyle::Body.resolve(ui.style());
    let visuals = ui.visuals();
    let mut job = LayoutJob::default();
    let mut slanted = false;
    for (text, style) in text {
        let mut format =
            TextFormat { font_id: body.clone(), color: visuals.text_color(), ..TextFormat::default() };
        if style.code {
            format.font_id = FontId::monospace(body.size - 1.0);
            format.background = visuals.code_bg_color;
        }
        if strong || style.strong {
            format.color = visuals.strong_text_color();
        }
        format.italics = style.emphasis;
        // Slanted letters lean over the space that follows them.
        let room = if slanted && text.starts_with(' ') { 0.2 * body.size } else { 0.0 };
        slanted = style.emphasis;
        job.append(text, room, format);
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::action::GalleryAction;
    use crate::gui::command::commands;

    #[test]
    fn every_page_is_a_command() {
        let list = commands();
        let shows = |topic| {
            list.iter().any(|command| command.action == Action::Window(WindowAction::ShowHelp(topic)))
        };
        assert!(Topic::ALL.into_iter().all(shows));
    }

    #[test]
    fn the_page_of_keys_is_the_table_of_shortcuts() {
        let context = Context::default();
        context.set_os(egui::os::OperatingSystem::Nix);
        let mut table = String::from("| keys | command |\n|---|---|\n");
        for command in commands() {
            let Some(keys) = command.keys(&context) else { continue };
            if !matches!(command.action, Action::Gallery(GalleryAction::SetDigit(Some(_)))) {
                table.extend(["| ", &keys, " | ", &command.name, " |\n"]);
            }
        }
        assert!(Topic::Keys.text().contains(&table), "src/help/keys.md is to hold\n{table}");
    }

    /// A text on the screen and where it stands.
    type Written = (String, egui::Rect);

    fn written(shape: &egui::Shape, found: &mut Vec<Written>) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| written(shape, found)),
            egui::Shape::Text(text) => {
                for row in &text.galley.rows {
                    found.push((row.text(), row.rect().translate(text.pos.to_vec2())));
                }
            }
            _ => {}
        }
    }

    #[test]
    fn punctuation_sticks_to_its_link_however_wide_the_page_is() {
        let page = Page::read(
            "# Title\n\nOne reads (of [the method](method.md)), and of [the figures](figures.md).",
        );
        let Some(Block::Paragraph(spans)) = page.blocks.first() else { panic!("{page:?}") };
        let context = Context::default();
        theme::install(&context, crate::gui::settings::ThemeChoice::Dark);
        for width in 130..=500 {
            let mut output = context.run_ui(egui::RawInput::default(), |ui| {
                ui.set_max_width(width as f32);
                spans_ui(ui, spans, false, &mut Vec::new());
            });
            output.textures_delta.clear();
            let mut found = Vec::new();
            output.shapes.iter().for_each(|clipped| written(&clipped.shape, &mut found));
            // On the line of the words beside it.
            let mut lines: Vec<f32> = found.iter().map(|(_, rect)| rect.center().y).collect();
            lines.sort_by(f32::total_cmp);
            lines.dedup_by(|one, other| (*one - *other).abs() < 0.6);
            assert!(lines.windows(2).all(|pair| pair[1] - pair[0] > 10.0), "{width}: {found:?}");
            for (link, end) in [("the method", "),"), ("the figures", ".")] {
                let place =
                    |text: &str| found.iter().find(|(written, _)| written == text).map(|(_, rect)| *rect);
                let (Some(link), Some(end)) = (place(link), place(end)) else { panic!("{width}: {found:?}") };
                assert!((link.center().y - end.center().y).abs() < 0.6, "{width}: {found:?}");
                assert!((link.right() - end.left()).abs() < 1.5, "{width}: {found:?}");
            }
        }
    }

    #[test]
    fn every_character_of_the_pages_is_in_the_fonts() {
        let context = Context::default();
        crate::gui::theme::install(&context, crate::gui::settings::ThemeChoice::Dark);
        let mut missing = std::collections::BTreeSet::new();
        let mut output = context.run_ui(egui::RawInput::default(), |ui| {
            ui.fonts_mut(|fonts| {
                for topic in Topic::ALL {
                    for c in topic.text().chars().filter(|c| !c.is_whitespace()) {
                        if !fonts.has_glyph(&FontId::proportional(13.5), c) {
                            missing.insert(c);
                        }
                    }
                }
            });
        });
        output.textures_delta.clear();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
