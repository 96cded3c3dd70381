//! Colours, sizes and fonts, all in one place.

use egui::{Color32, Context, CornerRadius, FontId, Id, Stroke, TextStyle, ThemePreference, Ui, Visuals};
use egui_material_icons::icons::ICON_ARROW_RIGHT_ALT;

use super::settings::ThemeChoice;
use crate::data::Class;

/// The colours the window draws with, for the current theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Ink of a digit.
    pub ink: Color32,
    /// Paper of a digit.
    pub paper: Color32,
    /// Bars and lines that carry the message.
    pub accent: Color32,
    /// The second line of a plot.
    pub second: Color32,
    /// A wrong prediction, a failure.
    pub wrong: Color32,
    /// A right prediction, a success.
    pub right: Color32,
    /// A warning.
    pub warning: Color32,
    /// Secondary text, still at a contrast of at least 4.5.
    pub weak: Color32,
    /// Tracks and quiet lines.
    pub faint: Color32,
}

/// Okabe & Ito's blue, orange, vermilion, green and yellow, lightened for the dark theme and darkened for the light
/// one until text in them is legible: distinguishable with any colour vision.
const DARK: Palette = Palette {
    ink: Color32::from_rgb(240, 242, 245),
    paper: Color32::from_rgb(8, 9, 11),
    accent: Color32::from_rgb(86, 180, 233),
    second: Color32::from_rgb(230, 159, 0),
    wrong: Color32::from_rgb(255, 128, 80),
    right: Color32::from_rgb(60, 190, 145),
    warning: Color32::from_rgb(240, 200, 66),
    weak: Color32::from_rgb(158, 164, 172),
    faint: Color32::from_rgb(56, 60, 66),
};
const LIGHT: Palette = Palette {
    ink: Color32::from_rgb(20, 22, 26),
    paper: Color32::from_rgb(255, 255, 255),
    accent: Color32::from_rgb(0, 98, 160),
    second: Color32::from_rgb(158, 86, 0),
    wrong: Color32::from_rgb(190, 60, 0),
    right: Color32::from_rgb(0, 115, 80),
    warning: Color32::from_rgb(140, 100, 0),
    weak: Color32::from_rgb(92, 97, 105),
    faint: Color32::from_rgb(214, 217, 222),
};

/// Paul Tol's bright colours and three more: distinguishable with any colour vision, on dark and on light. Beyond ten
/// classes they repeat.
pub const CLASS_COLOURS: [Color32; 10] = [
    Color32::from_rgb(68, 119, 190),
    Color32::from_rgb(238, 102, 119),
    Color32::from_rgb(34, 150, 60),
    Color32::from_rgb(204, 187, 68),
    Color32::from_rgb(80, 190, 225),
    Color32::from_rgb(190, 60, 135),
    Color32::from_rgb(238, 119, 51),
    Color32::from_rgb(150, 150, 150),
    Color32::from_rgb(60, 165, 150),
    Color32::from_rgb(153, 112, 190),
];

/// The colour of a class.
#[must_use]
pub fn class_colour(class: Class) -> Color32 {
    CLASS_COLOURS[usize::from(class) % CLASS_COLOURS.len()]
}

/// The palette of a `Ui`'s theme.
#[must_use]
pub fn palette(visuals: &Visuals) -> Palette {
    if visuals.dark_mode { DARK } else { LIGHT }
}

/// Says in each frame whether the images shown are photographs: grey ones that no pen has drawn.
pub fn show_photographs(context: &Context, photographs: bool) {
    context.data_mut(|data| data.insert_temp(Id::unique(PHOTOGRAPHS), photographs));
}

/// Where it is kept whether the images are photographs.
const PHOTOGRAPHS: &str = "the images are photographs";

/// What stands for 0 and for 1 in an image: paper and ink as the theme has them; of a photograph, which on white paper
/// would be its own negative, dark and light in either theme.
#[must_use]
pub fn on_paper(ui: &Ui) -> [Color32; 2] {
    let photographs = ui.data(|data| data.get_temp(Id::unique(PHOTOGRAPHS)).unwrap_or(false));
    let Palette { paper, ink, .. } = if photographs { DARK } else { palette(ui.visuals()) };
    [paper, ink]
}

/// Initial width of the controls.
pub const CONTROLS_WIDTH: f32 = 216.0;
/// Initial width of the inspector.
pub const INSPECTOR_WIDTH: f32 = 346.0;
/// Width kept free for the scroll bar, which overlays the content, in points.
pub const SCROLL_BAR: f32 = 10.0;
/// Gap between cells of the gallery.
pub const CELL_GAP: f32 = 8.0;
/// Thumbnails below this size have no caption: it would be wider than the image.
pub const CAPTION_FROM: f32 = 44.0;
/// Size of a caption's text.
pub const CAPTION_SIZE: f32 = 11.0;

/// Text as the window's fonts have it: they have an arrow among the icons only. A screen reader is told the text.
#[must_use]
pub fn drawn(text: &str) -> String {
    text.replace('→', ICON_ARROW_RIGHT_ALT.codepoint)
}

/// Fonts, spacing and colours of both themes, and which of them is shown.
pub fn install(context: &Context, choice: ThemeChoice) {
    egui_material_icons::initialize(context);
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        context.style_mut_of(theme, |style| {
            style.spacing.item_spacing = egui::vec2(8.0, 6.0);
            style.spacing.button_padding = egui::vec2(8.0, 3.0);
            style.spacing.interact_size.y = 22.0;
            style.spacing.slider_width = 120.0;
            style.text_styles.insert(TextStyle::Body, FontId::proportional(13.5));
            style.text_styles.insert(TextStyle::Button, FontId::proportional(13.5));
            style.text_styles.insert(TextStyle::Small, FontId::proportional(11.5));
            style.text_styles.insert(TextStyle::Heading, FontId::proportional(17.0));
            style.text_styles.insert(TextStyle::Monospace, FontId::monospace(12.5));
            style.visuals = visuals(theme);
        });
    }
    apply(context, choice);
}

/// Switches to a theme.
pub fn apply(context: &Context, choice: ThemeChoice) {
    context.set_theme(match choice {
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::System => ThemePreference::System,
    });
}

fn visuals(theme: egui::Theme) -> Visuals {
    let dark = theme == egui::Theme::Dark;
    let (mut visuals, colours) = if dark { (Visuals::dark(), DARK) } else { (Visuals::light(), LIGHT) };
    let radius = CornerRadius::same(5);
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    visuals.panel_fill = if dark { Color32::from_rgb(24, 26, 30) } else { Color32::from_rgb(247, 248, 250) };
    visuals.window_fill = if dark { Color32::from_rgb(31, 34, 39) } else { Color32::from_rgb(255, 255, 255) };
    visuals.extreme_bg_color =
        if dark { Color32::from_rgb(15, 16, 19) } else { Color32::from_rgb(255, 255, 255) };
    visuals.faint_bg_color =
        if dark { Color32::from_rgb(31, 34, 39) } else { Color32::from_rgb(238, 240, 243) };
    let text = if dark { Color32::from_rgb(222, 226, 231) } else { Color32::from_rgb(30, 33, 38) };
    visuals.override_text_color = None;
    visuals.widgets.noninteractive.fg_stroke = Stroke::new(1.0, text);
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, colours.faint);
    visuals.widgets.inactive.fg_stroke = Stroke::new(1.0, text);
    // The control with the focus: whoever has no mouse has to find it.
    visuals.widgets.active.bg_stroke = Stroke::new(2.0, colours.accent);
    visuals.weak_text_color = Some(colours.weak);
    visuals.selection.bg_fill =
        if dark { Color32::from_rgb(20, 84, 124) } else { Color32::from_rgb(190, 222, 243) };
    visuals.selection.stroke =
        Stroke::new(1.0, if dark { Color32::WHITE } else { Color32::from_rgb(0, 50, 84) });
    visuals.hyperlink_color = colours.accent;
    visuals.warn_fg_color = colours.warning;
    visuals.error_fg_color = colours.wrong;
    visuals.slider_trailing_fill = true;
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast of WCAG 2.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let linear = |channel: u8| {
                let c = f32::from(channel) / 255.0;
                if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
        };
        let (x, y) = (luminance(a), luminance(b));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    #[test]
    fn every_text_colour_reads_on_its_panel() {
        for theme in [egui::Theme::Dark, egui::Theme::Light] {
            let visuals = visuals(theme);
            let colours = palette(&visuals);
            for (name, colour) in [
                ("weak", colours.weak),
                ("accent", colours.accent),
                ("wrong", colours.wrong),
                ("right", colours.right),
                ("warning", colours.warning),
                ("second", colours.second),
            ] {
                let ratio = contrast(colour, visuals.panel_fill);
                assert!(ratio >= 4.5, "{name} on the {theme:?} panel: {ratio:.2}");
            }
        }
    }
}
