//! A chart: plots, pictures, maps, matrices and tables on one page, as PNG for slides and papers and as CSV.
//!
//! A [`Chart`] is plain data. The same chart gives the same bytes wherever it is drawn. Values that are not finite are
//! left out of the picture; in the table they are empty fields.
//!
//! ```
//! use dubito::export::chart::{Axis, Chart, Panel, Plot, Point, Series, BLUE};
//!
//! let points = (1..=100).map(|t| Point::at(t.into(), 0.7).between(0.6, 0.8));
//! let chart = Chart {
//!     title: "Predictive entropy against T".to_owned(),
//!     rows: vec![vec![Panel::Plot(Plot {
//!         x: Axis::new("passes T"),
//!         y: Axis::new("nats").from_zero(),
//!         series: vec![Series::line("predictive entropy ±1 SE", BLUE, points)],
//!         ..Plot::default()
//!     })]],
//!     ..Chart::default()
//! };
//! assert!(chart.csv().starts_with("panel,series,x,x_end,y,low,high,value\n"));
//! ```

mod axis;
mod canvas;
mod contents;
mod legend;
mod page;
mod pictures;
mod plot;
mod style;
mod values;

#[cfg(test)]
mod tests;

pub use axis::{Axis, Scale, Tick};
pub use contents::{
    BLUE, Cell, Chart, DotShape, GREEN, GREY, INK, LARGEST_PICTURE, Map, Mark, Matrix, ORANGE, PURPLE, Panel,
    Picture, Pictures, Plot, Point, Series, Table, VERMILION, class_colour,
};
