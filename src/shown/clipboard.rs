//! Charts for the clipboard, drawn off the window's thread.

use image::RgbImage;

use crate::export::chart::Chart;
use crate::export::grid::GridError;

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
    /// The table, and its rows without the heading.
    Data(String, usize),
}

/// Draws a chart, or spells its data out.
///
/// # Errors
/// When the chart cannot be drawn.
pub fn copy(chart: &Chart, form: ChartForm) -> Result<ChartCopy, GridError> {
    Ok(match form {
        ChartForm::Picture => ChartCopy::Picture(chart.draw()?),
        ChartForm::Data => {
            let table = chart.csv();
            let rows = table.lines().count().saturating_sub(1);
            ChartCopy::Data(table, rows)
        }
    })
}
