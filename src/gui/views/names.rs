//! Names of classes where there is little room: shortened, and the likeliest few of many.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontId, Painter};

/// So many classes are all shown; of more the likeliest.
pub(super) const ALL_SHOWN: usize = 12;
/// Of many classes so many are shown.
const LIKELIEST: usize = 9;

/// A text that is no wider than `width` points: its end gives way to an ellipsis where it has to.
pub(super) fn fitted(painter: &Painter, text: &str, font: &FontId, width: f32) -> String {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font.clone(), Color32::PLACEHOLDER);
    job.wrap = TextWrapping::truncate_at_width(width);
    let galley = painter.layout_job(job);
    if !galley.elided {
        return text.to_owned();
    }
    // What is left on the line, its ellipsis included.
    let shown: String = galley.rows.iter().flat_map(|row| &row.glyphs).map(|glyph| glyph.chr).collect();
    match shown.strip_suffix('…') {
        Some(kept) => kept.trim_end().to_owned() + "…",
        None => shown,
    }
}

/// How wide a text is, in points.
pub(super) fn width_of(painter: &Painter, text: &str, font: &FontId) -> f32 {
    painter.layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x
}

/// The classes that have a bar: all of a few in their order; of many the likeliest by `mean`, and by what one pass gives
/// them, the likeliest first.
pub(super) fn shown_classes(own: &[f32], mean: &[f32]) -> Vec<usize> {
    if mean.len() <= ALL_SHOWN {
        return (0..mean.len()).collect();
    }
    let mut classes: Vec<usize> = (0..mean.len()).collect();
    let by_mean = |a: &usize, b: &usize| mean[*b].total_cmp(&mean[*a]);
    classes.select_nth_unstable_by(LIKELIEST - 1, by_mean);
    classes.truncate(LIKELIEST);
    classes.sort_by(by_mean);
    let most = (0..own.len()).max_by(|a, b| own[*a].total_cmp(&own[*b]));
    if let Some(most) = most.filter(|most| !classes.contains(most)) {
        classes.push(most);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_too_long_for_its_room_ends_in_an_ellipsis_and_fits() {
        let context = egui::Context::default();
        let font = FontId::proportional(12.0);
        let mut output = context.run_ui(egui::RawInput::default(), |ui| {
            let painter = ui.painter();
            let name = "Ankle boot";
            let whole = width_of(painter, name, &font);
            assert_eq!(fitted(painter, name, &font, whole + 0.5), name);
            for share in [0.9, 0.65, 0.3] {
                let short = fitted(painter, name, &font, share * whole);
                assert!(short.ends_with('…') && !short.ends_with(" …"), "{short}");
                assert!(name.starts_with(short.trim_end_matches('…')), "{short}");
                assert!(width_of(painter, &short, &font) <= share * whole, "{short}");
            }
        });
        output.textures_delta.clear();
    }

    #[test]
    fn of_many_classes_the_likeliest_have_a_bar_and_what_one_pass_says() {
        let few = [0.1, 0.7, 0.2];
        assert_eq!(shown_classes(&few, &few), [0, 1, 2]);
        let mean: Vec<f32> = (0..40).map(|class| if class % 4 == 0 { class as f32 } else { 0.0 }).collect();
        assert_eq!(shown_classes(&mean, &mean), [36, 32, 28, 24, 20, 16, 12, 8, 4]);
        let mut own = mean.clone();
        own[1] = 100.0;
        assert_eq!(shown_classes(&own, &mean)[LIKELIEST], 1);
    }
}
