//! Opening the window, and saying clearly why it cannot be opened.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crate::data::kept;
use crate::data::marks::MarkStore;
use crate::data::source::Places;
use crate::model::checkpoint::CheckpointError;
use crate::shown::OpenedModel;
use crate::worker::Wake;

use super::action::{Action, FileAction, FilePurpose};
use super::app::{DubitoApp, Start};
use super::dialogs::SystemDialogs;
use super::settings::{SETTINGS_KEY, Settings};

/// What the command line asks of the window.
#[derive(Clone, Debug, Default)]
pub struct GuiOptions {
    /// A folder with images, or `synthetic`.
    pub data: Option<PathBuf>,
    /// A model.
    pub model: Option<PathBuf>,
    /// A saved view.
    pub view: Option<PathBuf>,
}

/// Why the window cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum GuiError {
    /// The model cannot be used.
    #[error(transparent)]
    Model(#[from] CheckpointError),
    /// There is no screen, or its libraries are missing.
    #[error(
        "no window can be opened: {0}\nA display is needed (on Linux X11 or Wayland, with libX11, libxkbcommon-x11 and \
         libGL). Without one, `dubito rank`, `dubito export` and `dubito predict` do the same work: see `dubito --help`."
    )]
    Display(String),
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When the model cannot be opened, or there is no display.
pub fn run(options: GuiOptions) -> Result<(), GuiError> {
    let bundled = OpenedModel::bundled()?;
    let model = match options.model {
        Some(path) => OpenedModel::open(&path)?,
        None => bundled.clone(),
    };
    let places = Places::new(options.data);
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Dubito")
            .with_app_id("dubito")
            .with_icon(icon())
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([760.0, 480.0])
            .with_drag_and_drop(true),
        ..Default::default()
    };
    let create = |creation: &eframe::CreationContext<'_>| {
        let kept = creation.storage.and_then(|storage| eframe::get_value(storage, SETTINGS_KEY));
        let settings: Settings = kept.unwrap_or_else(Settings::first_start);
        let context = creation.egui_ctx.clone();
        let wake: Wake = Arc::new(move || context.request_repaint());
        let dialogs = Box::new(SystemDialogs::new(Arc::clone(&wake)));
        let my_digits = kept::default_folder();
        let marks = MarkStore::default_folder();
        let start = Start { settings, places, model, bundled, my_digits, marks, dialogs };
        let mut app = DubitoApp::new(&creation.egui_ctx, start, &wake)?;
        if let Some(storage) = creation.storage {
            app.started_with(storage);
        }
        if let Some(view) = options.view {
            app.act(&creation.egui_ctx, Action::File(FileAction::Chosen(FilePurpose::OpenView, view)));
        }
        Ok(Box::new(app) as Box<dyn eframe::App>)
    };
    // winit panics where a library of X11 is missing; the user deserves a sentence.
    let opened = catch_unwind(AssertUnwindSafe(|| eframe::run_native("dubito", native, Box::new(create))));
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(GuiError::Display(error.to_string())),
        Err(panic) => Err(GuiError::Display(panic_text(panic.as_ref()))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "the window system gave no reason".to_owned())
}

/// The window's icon: a distribution with a doubt, seven bars.
fn icon() -> egui::IconData {
    const SIDE: usize = 64;
    const BARS: [usize; 7] = [8, 12, 44, 16, 10, 36, 9];
    let mut rgba = vec![0_u8; SIDE * SIDE * 4];
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at % SIDE, at / SIDE);
        let bar = (x.saturating_sub(4)) / 8;
        let inside = x >= 4 && bar < BARS.len() && (x - 4) % 8 < 6 && y < 58 && 58 - y <= BARS[bar];
        let colour = if inside && bar == 2 {
            [86, 180, 233, 255]
        } else if inside && bar == 5 {
            [230, 159, 0, 255]
        } else if inside {
            [158, 164, 172, 255]
        } else {
            [24, 26, 30, 255]
        };
        pixel.copy_from_slice(&colour);
    }
    egui::IconData { rgba, width: SIDE as u32, height: SIDE as u32 }
}
