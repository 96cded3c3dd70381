//! The data of a chart as CSV.

use std::io::Write as _;
use std::path::Path;

use super::contents::{Chart, Panel, Plot};
use crate::data::SIDE;
use crate::export::table::shortest;
use crate::files::{FileError, write_whole};

/// Panel, series, x, `x_end`, y, low, high, value.
type ValueRow = [String; 8];

const HEADER: [&str; 8] = ["panel", "series", "x", "x_end", "y", "low", "high", "value"];

impl Chart {
    /// The data of the page: one row for each point, cell or picture under `panel,series,x,x_end,y,low,high,value`.
    ///
    /// - `panel`: the heading of the panel, or its number from 1; `series`: the name of the series.
    /// - A point: `x`, `y`, and what it has of `x_end` (of a bar), `low`, `high`; its name, or else those of its ticks,
    ///   in `value`.
    /// - A map: `x` column and `y` row of the pixel from 0, `value`.
    /// - A matrix: `x` the column's name, `y` the row's name, `value`.
    /// - A table: `series` the row's name, `x` the column's, the number in `y`, its interval in `low` and `high`, what
    ///   stands there in `value`.
    /// - A picture: `x` its number from 1, `value` its caption.
    ///
    /// Numbers have enough digits to read back as they were (those computed as f32: as that f32). What is not defined
    /// is an empty field.
    #[must_use]
    pub fn csv(&self) -> String {
        csv(self)
    }

    /// Writes [`Chart::csv`] to a file that appears whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_csv(&self, path: &Path) -> Result<(), FileError> {
        write_whole(path, |draft| draft.write_all(self.csv().as_bytes()))
    }
}

fn csv(chart: &Chart) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    // Writing to memory, of rows of one length, does not fail.
    let _ = table.write_record(HEADER);
    for (number, panel) in (1..).zip(chart.rows.iter().flatten()) {
        let heading = match panel {
            Panel::Plot(plot) => &plot.heading,
            Panel::Pictures(pictures) => &pictures.heading,
            Panel::Map(map) => &map.heading,
            Panel::Matrix(matrix) => &matrix.heading,
            Panel::Table(table) => &table.heading,
        };
        let name = if heading.is_empty() { format!("{number}") } else { heading.clone() };
        for row in rows(panel) {
            let _ = table.write_record([name.clone()].iter().chain(&row[1..]));
        }
    }
    table.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn rows(panel: &Panel) -> Vec<ValueRow> {
    match panel {
        Panel::Plot(plot) => points(plot),
        Panel::Pictures(pictures) => (1..)
            .zip(&pictures.pictures)
            .map(|(number, picture)| cell(format!("{number}"), "", picture.caption.replace('\n', " ")))
            .collect(),
        Panel::Map(map) => map
            .values
            .iter()
            .enumerate()
            .map(|(at, value)| cell((at % SIDE).to_string(), &(at / SIDE).to_string(), shortest(*value)))
            .collect(),
        Panel::Matrix(matrix) => matrix
            .counts
            .iter()
            .zip(&matrix.rows)
            .flat_map(|(counts, row)| {
                let cells = counts.iter().zip(&matrix.columns);
                cells.map(move |(count, column)| cell(column.clone(), row, count.to_string()))
            })
            .collect(),
        Panel::Table(table) => table
            .rows
            .iter()
            .flat_map(|row| {
                let name = row.first().map_or("", |cell| &cell.text);
                let cells = table.columns.iter().zip(row).skip(1);
                cells.map(move |(column, cell)| {
                    let [y, low, high] = cell.number.map(number);
                    let none = String::new;
                    [none(), name.to_owned(), column.clone(), none(), y, low, high, cell.text.clone()]
                })
            })
            .collect(),
    }
}

fn points(plot: &Plot) -> Vec<ValueRow> {
    let mut rows = Vec::new();
    for series in &plot.series {
        for (place, point) in series.points.iter().enumerate() {
            let names = match series.names.get(place) {
                Some(name) => [Some(name.as_str()), None],
                None => [plot.x.name(point.x), plot.y.name(point.y)],
            };
            let numbers = [point.x, point.x_end, point.y, point.low, point.high].map(number);
            let [x, x_end, y, low, high] = numbers;
            let value = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
            rows.push([String::new(), series.name.clone(), x, x_end, y, low, high, value]);
        }
    }
    rows
}

fn cell(x: String, y: &str, value: String) -> ValueRow {
    let none = String::new;
    [none(), none(), x, none(), y.to_owned(), none(), none(), value]
}

/// Digits that read back as the f32 the number was computed as, or else as the f64.
fn number(value: f64) -> String {
    let single = value as f32;
    if !value.is_finite() {
        String::new()
    } else if f64::from(single).to_bits() == value.to_bits() {
        shortest(single)
    } else {
        value.to_string()
    }
}
