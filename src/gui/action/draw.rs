//! User actions in the Draw tab.

use crate::data::Class;
use crate::data::ink::PictureOptions;
use crate::shown::Pasted;
use crate::shown::subject::Origin;

/// One user action in the Draw tab.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawAction {
    /// The pen comes down here; as an eraser when `erase`.
    Begin {
        /// Where, in units of the paper.
        at: [f32; 2],
        /// Whether it takes ink away.
        erase: bool,
    },
    /// The pen moves to here.
    Extend(Vec<[f32; 2]>),
    /// The pen is lifted.
    End,
    /// How wide the pen is, in units of the paper.
    SetWidth(f32),
    /// A wider pen.
    Wider,
    /// A thinner pen.
    Thinner,
    /// Pen or eraser.
    ToggleEraser,
    /// A blank sheet.
    Clear,
    /// Show the drawing at this moment of its history; the current drawing when `None`.
    Scrub(Option<usize>),
    /// Start or stop watching one pass at a time.
    Watch(bool),
    /// Show this pass, from 1.
    WatchPass(usize),
    /// Play the passes, or pause them.
    WatchPlay(bool),
    /// Put an image of the dataset on the sheet.
    OpenImage(Origin),
    /// Put the selected image on the sheet.
    OpenSelected,
    /// Put a digit found in a picture on the sheet.
    OpenFound {
        /// The picture.
        picture: u64,
        /// Which of its digits.
        place: usize,
    },
    /// Show how a picture was read.
    ShowPicture(u64),
    /// Read the shown picture with these options.
    ReadAgain(PictureOptions),
    /// Forget the pictures.
    ForgetPictures,
    /// Read a picture from the clipboard.
    Paste(Pasted),
    /// What the drawing is meant to be.
    SetLabel(Option<Class>),
    /// Keep the drawing.
    Keep,
    /// Put a kept digit on the sheet.
    OpenKept(u64),
    /// Delete a kept digit.
    DeleteKept(u64),
    /// Copy the drawing as the network sees it.
    Copy,
}
