//! What leaves the program: tables, samples, pictures. The window and the command line share every byte.

pub mod archive;
pub mod card;
pub mod chart;
pub mod contact_sheet;
pub mod grid;
mod paper;
pub mod rotation;
pub mod table;
mod text;
