//! Charts for the clipboard, drawn off the window's thread.

use image::RgbImage;

use crate::export::chart::Chart;

/// What a person wants of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartForm {
    /// A picture.
    Picture,
    /// Its data as CSV.
    Data,
}

/// A chart ready for the clipboard.
#[derive(Debug)]
pub enum ChartCopy {
    /// The page.
    Picture(RgbImage),
    /// The table.
    Data(String),
}

/// Draws a chart, or spells its data out.
pub(super) fn copy(chart: &Chart, form: ChartForm) -> Result<ChartCopy, String> {
    Ok(match form {
        ChartForm::Picture => ChartCopy::Picture(chart.draw().map_err(|error| error.to_string())?),
        ChartForm::Data => ChartCopy::Data(chart.csv()),
    })
}
