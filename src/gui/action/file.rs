//! Which file is asked for, and how the question is put.

use std::path::PathBuf;

use crate::shown::clipboard::ChartForm;
use crate::shown::saved_view::ENDING;
use crate::shown::subject::Origin;

/// One user action on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAction {
    /// Ask for a file.
    Ask(FilePurpose),
    /// A file was chosen.
    Chosen(FilePurpose, PathBuf),
}

/// Which file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// A model to open.
    OpenModel,
    /// A folder with IDX files.
    OpenData,
    /// A folder with images that are no digits.
    OpenForeign,
    /// Where to save the model.
    SaveModel,
    /// Where to write the grid or selection as a picture.
    ExportPicture,
    /// Where to write its table.
    ExportTable,
    /// Where to write the raw samples.
    ExportSamples,
    /// Where to write one image.
    SaveImage(Origin),
    /// A picture with digits.
    OpenPicture,
    /// Where to write the drawing.
    SaveDrawing,
    /// Where to write why the image looked at is uncertain.
    ExportCard,
    /// Where to write the marks.
    ExportMarks,
    /// Where to write the kept digits.
    ExportKept,
    /// Where to write the chart of this name: its picture or its data.
    SaveChart(&'static str, ChartForm),
    /// Where to write the figure of the Rotate tab.
    SaveRotation,
    /// Where to write its table.
    SaveRotationTable,
    /// A saved view.
    OpenView,
    /// Where to save what the window shows.
    SaveView,
}

impl FilePurpose {
    /// The prompt's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::OpenModel => "Open model",
            Self::OpenData => "Open data folder",
            Self::OpenForeign => "Open folder of foreign images",
            Self::SaveModel => "Save model",
            Self::ExportPicture => "Export grid as picture",
            Self::ExportTable => "Export table as CSV",
            Self::ExportSamples => "Export samples as npz",
            Self::SaveImage(_) => "Save image",
            Self::OpenPicture => "Open picture",
            Self::SaveDrawing => "Save drawing",
            Self::ExportCard => "Export card",
            Self::ExportMarks => "Export marks as CSV",
            Self::ExportKept => "Export my digits",
            Self::SaveChart(_, ChartForm::Picture) => "Save chart as PNG",
            Self::SaveChart(_, ChartForm::Data) => "Save chart data as CSV",
            Self::SaveRotation => "Save figure of the course",
            Self::SaveRotationTable => "Save table of the course",
            Self::OpenView => "Open view",
            Self::SaveView => "Save view",
        }
    }

    /// What the path should lead to.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::OpenModel => "Path of a network: .onnx, .safetensors, .pt of PyTorch, .npz of Chainer",
            Self::OpenData => {
                "Path of a folder or file of images: IDX, npz, Parquet, CSV, CIFAR, pictures by class"
            }
            Self::OpenForeign => "Path of a folder or file of images, of any kind that opens as a dataset",
            Self::SaveModel => "Path of the .safetensors file to write",
            Self::OpenPicture => "Path of a PNG, JPEG, WebP, BMP or GIF",
            Self::ExportKept => "Path of the .png or .csv file to write",
            Self::ExportPicture
            | Self::SaveImage(_)
            | Self::SaveDrawing
            | Self::SaveRotation
            | Self::ExportCard
            | Self::SaveChart(_, ChartForm::Picture) => "Path of the .png file to write",
            Self::ExportTable
            | Self::ExportMarks
            | Self::SaveRotationTable
            | Self::SaveChart(_, ChartForm::Data) => "Path of the .csv file to write",
            Self::ExportSamples => "Path of the .npz file to write",
            Self::OpenView => "Path of a .dubito-view file",
            Self::SaveView => "Path of the .dubito-view file to write",
        }
    }

    /// A suggested name, for files to write.
    #[must_use]
    pub fn file_name(self) -> Option<String> {
        match self {
            Self::OpenModel | Self::OpenData | Self::OpenPicture | Self::OpenForeign | Self::OpenView => None,
            Self::SaveView => Some(format!("dubito.{ENDING}")),
            Self::SaveModel => Some("lenet.safetensors".to_owned()),
            Self::ExportPicture => Some("dubito-grid.png".to_owned()),
            Self::ExportTable => Some("dubito-table.csv".to_owned()),
            Self::ExportSamples => Some("dubito-samples.npz".to_owned()),
            Self::SaveDrawing => Some("drawing.png".to_owned()),
            Self::ExportCard => Some("dubito-why.png".to_owned()),
            Self::ExportMarks => Some("dubito-marks.csv".to_owned()),
            Self::ExportKept => Some("my-digits.png".to_owned()),
            Self::SaveChart(name, form) => {
                Some(format!("dubito-{}.{}", name.replace(' ', "-"), ending(form)))
            }
            Self::SaveRotation => Some("rotation.png".to_owned()),
            Self::SaveRotationTable => Some("rotation.csv".to_owned()),
            Self::SaveImage(origin) => {
                Some(format!("{}.png", origin.name().to_lowercase().replace(' ', "-")))
            }
        }
    }
}

/// The ending of a file's name.
#[must_use]
pub fn ending(form: ChartForm) -> &'static str {
    match form {
        ChartForm::Picture => "png",
        ChartForm::Data => "csv",
    }
}
