//! What the window shows, and how it is computed: plain data and functions from data to data.
//!
//! Nothing here knows a thread, a channel or a window. What takes long reports through an observer; what is shown in
//! stages is handed over stage by stage. The window's workers and the command line both call it.

pub mod answer;
pub mod card;
pub mod clipboard;
pub mod collection;
pub mod copies;
pub mod drawn;
pub mod error;
pub mod explain;
pub mod features;
pub mod film;
pub mod firm;
pub mod firm_passes;
pub mod gallery;
pub mod highlight;
pub mod indices;
mod input_check;
pub mod inspect;
pub mod layers;
pub mod light;
pub mod limits;
pub mod marking;
pub mod one_image;
pub mod opened;
pub mod originals;
pub mod over_dropout;
pub mod pictures;
pub mod plane_chart;
pub mod points;
pub mod quality;
pub mod reduced;
pub mod rotate;
pub mod saved_view;
pub mod subject;
pub mod subnetwork;
pub mod tables;

pub use answer::Answer;
pub use collection::{KeepWork, Kept};
pub use copies::{CopiesFound, CopiesJob};
pub use drawn::{DrawView, Seen};
pub use error::ShownError;
pub use features::{Features, Neighbours};
pub use gallery::{GalleryQuery, GalleryView, RANKED_OTHERWISE, Ranked, gallery};
pub use indices::Indices;
pub use input_check::{InputCheck, check_input};
pub use inspect::{CurvePoint, InspectJob, InspectorView};
pub use limits::{Limits, Only};
pub use marking::{MarkWork, Marked};
pub use opened::{Asked, Dataset, OpenedModel};
pub use originals::{OriginalsReader, Unread};
pub use pictures::{Pasted, PictureSource, PictureView};
pub use points::{Brushed, Layer, PlanePoints};
pub use reduced::{ReduceJob, ReducedImages};
