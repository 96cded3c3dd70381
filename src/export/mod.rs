//! What leaves the program: tables, samples, pictures. The window and the command line share every byte.

pub mod archive;
pub mod card;
pub mod chart;
pub mod contact_sheet;
pub mod dataset;
pub mod grid;
pub mod marks;
pub mod one_image;
mod original;
mod paper;
pub mod rotation;
mod system_fonts;
pub mod table;
mod text;
