//! The system's file dialogs, opened without blocking, and behind a trait so that tests can answer.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::Builder;

use super::action::{FilePurpose, ending};
use crate::model::checkpoint::ENDINGS;
use crate::shown::saved_view::ENDING;
use crate::worker::Wake;

/// What a dialog answered; `None` when it was closed, or when the system has none.
pub type DialogAnswer = (FilePurpose, Option<PathBuf>);

/// Anything that can show file dialogs.
pub trait Dialogs {
    /// Shows a dialog; its answer comes later.
    fn ask(&mut self, purpose: FilePurpose);

    /// The next answer, if one has arrived.
    fn answer(&mut self) -> Option<DialogAnswer>;
}

/// The dialogs of the system.
pub struct SystemDialogs {
    wake: Wake,
    sender: Sender<DialogAnswer>,
    answers: Receiver<DialogAnswer>,
}

impl SystemDialogs {
    /// Dialogs whose answers wake the window.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        let (sender, answers) = mpsc::channel();
        Self { wake, sender, answers }
    }
}

impl Dialogs for SystemDialogs {
    fn ask(&mut self, purpose: FilePurpose) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(purpose.title());
        if let Some(name) = purpose.file_name() {
            dialog = dialog.set_file_name(name);
        }
        let filter = match purpose {
            FilePurpose::OpenModel => Some(("Model", ENDINGS.to_vec())),
            FilePurpose::SaveModel => Some(("Model", vec!["safetensors"])),
            FilePurpose::ExportPicture
            | FilePurpose::SaveImage(_)
            | FilePurpose::SaveDrawing
            | FilePurpose::SaveRotation
            | FilePurpose::ExportCard => Some(("Picture", vec!["png"])),
            // Pictures come in several formats, and kept digits are written as a picture or a table.
            FilePurpose::OpenPicture
            | FilePurpose::ExportKept
            | FilePurpose::OpenData
            | FilePurpose::OpenForeign => None,
            FilePurpose::SaveChart(_, form) => Some(("Chart", vec![ending(form)])),
            FilePurpose::ExportTable | FilePurpose::ExportMarks | FilePurpose::SaveRotationTable => {
                Some(("Table", vec!["csv"]))
            }
            FilePurpose::ExportSamples => Some(("Samples", vec!["npz"])),
            FilePurpose::OpenView | FilePurpose::SaveView => Some(("View", vec![ENDING])),
        };
        if let Some((name, endings)) = filter {
            dialog = dialog.add_filter(name, &endings);
        }
        // The dialog is made here, on the window's thread, as macOS demands; only its answer is awaited elsewhere.
        let asked: std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>> = match purpose {
            FilePurpose::OpenData | FilePurpose::OpenForeign => Box::pin(dialog.pick_folder()),
            FilePurpose::OpenModel | FilePurpose::OpenPicture | FilePurpose::OpenView => {
                Box::pin(dialog.pick_file())
            }
            FilePurpose::SaveModel
            | FilePurpose::ExportPicture
            | FilePurpose::ExportTable
            | FilePurpose::ExportSamples
            | FilePurpose::SaveImage(_)
            | FilePurpose::SaveDrawing
            | FilePurpose::ExportCard
            | FilePurpose::ExportKept
            | FilePurpose::ExportMarks
            | FilePurpose::SaveChart(..)
            | FilePurpose::SaveRotation
            | FilePurpose::SaveRotationTable
            | FilePurpose::SaveView => Box::pin(dialog.save_file()),
        };
        let (sender, wake) = (self.sender.clone(), self.wake.clone());
        let waiter = Builder::new().name("dubito-dialog".to_owned()).spawn(move || {
            let chosen = pollster::block_on(asked).map(|handle| handle.path().to_path_buf());
            // The window may have closed meanwhile.
            let _ = sender.send((purpose, chosen));
            wake();
        });
        if let Err(error) = waiter {
            log::warn!("no thread for the file dialog ({error}); the path field remains");
        }
    }

    fn answer(&mut self) -> Option<DialogAnswer> {
        self.answers.try_recv().ok()
    }
}

/// No dialogs: for tests, where the path field is used.
#[derive(Debug, Default)]
pub struct NoDialogs;

impl Dialogs for NoDialogs {
    fn ask(&mut self, _: FilePurpose) {}

    fn answer(&mut self) -> Option<DialogAnswer> {
        None
    }
}
