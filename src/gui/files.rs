//! What becomes of a file that was chosen or dropped: read, or written.

use std::path::PathBuf;

use super::action::{FilePurpose, QualityAction};
use super::effect::{Step, Steps};
use super::exports;
use super::panel::Panels;
use super::saved::saved;
use super::settings::Tab;
use super::shared::{Gravity, Shared};
use crate::data::foreign::Foreign;
use crate::data::ink::{is_picture_name, pictures_in};
use crate::model::checkpoint::is_network_file;
use crate::shown::PictureSource;
use crate::shown::saved_view::{ENDING, NetworkPlace};
use crate::worker::Job;
use crate::worker::written::Export;

/// A file was chosen.
pub(super) fn chosen(purpose: FilePurpose, path: PathBuf, panels: &mut Panels, shared: &mut Shared) -> Steps {
    let what = match purpose {
        FilePurpose::OpenModel => return vec![Step::submit(Job::OpenModel(path, None))],
        FilePurpose::OpenData => return shared.load(Some(path), shared.split),
        FilePurpose::OpenPicture => return panels.draw.open_pictures(vec![path], shared),
        FilePurpose::OpenForeign => {
            return panels.quality.update(QualityAction::Foreign(Some(Foreign::At(path))), shared);
        }
        FilePurpose::OpenView => return vec![Step::submit(Job::OpenView(path))],
        FilePurpose::SaveView => view(panels, shared),
        FilePurpose::SaveModel => match shared.model.what.checkpoint() {
            Some(_) => Ok(Export::Model(shared.model.clone())),
            None => {
                Err("This network is in a file of its own, which stays as it is: only a LeNet can be saved."
                    .to_owned())
            }
        },
        FilePurpose::SaveDrawing => exports::drawing(shared),
        FilePurpose::SaveImage(origin) => exports::image(shared, origin),
        FilePurpose::SaveRotation => panels.rotate.file(shared, false).map(Export::Rotation),
        FilePurpose::SaveRotationTable => panels.rotate.file(shared, true).map(Export::Rotation),
        FilePurpose::SaveChart(_, form) => match panels.chart.save(form, path) {
            Ok((what, path)) => return vec![write(what, path)],
            Err(why) => {
                shared.refuse(why);
                return Steps::new();
            }
        },
        FilePurpose::ExportMarks => exports::marks(shared),
        FilePurpose::ExportKept => exports::kept(shared),
        FilePurpose::ExportCard => exports::card(shared),
        FilePurpose::ExportTable => exports::table(shared),
        FilePurpose::ExportSamples => exports::samples(shared),
        FilePurpose::ExportPicture => exports::sheet(shared),
    };
    match what {
        Ok(what) => vec![write(what, path)],
        Err(why) => {
            shared.refuse(why);
            Steps::new()
        }
    }
}

/// What the window shows, and a word where nobody could show it again.
fn view(panels: &Panels, shared: &mut Shared) -> Result<Export, String> {
    let view = saved(shared, panels)?;
    if view.network.place == NetworkPlace::Window {
        let text = format!(
            "The view names the network “{}”, which is in no file: save that (Ctrl+S) and then the view again, or only \
             this window can show it.",
            view.network.name
        );
        shared.notices.say(Gravity::Warning, text);
    }
    Ok(Export::View(Box::new(view)))
}

fn write(what: Export, path: PathBuf) -> Step {
    Step::submit(Job::Export { what, path })
}

/// Files were dropped on the window: pictures, models and folders of images, by their names.
pub(super) fn dropped(paths: Vec<PathBuf>, panels: &mut Panels, shared: &mut Shared) -> Steps {
    let mut steps = Steps::new();
    let mut pictures = Vec::new();
    let drawing = shared.settings.tab == Tab::Draw;
    for path in paths {
        let inside = if drawing { pictures_in(&path).unwrap_or_default() } else { Vec::new() };
        if !inside.is_empty() {
            pictures.extend(inside.into_iter().map(PictureSource::File));
        } else if path.is_dir() {
            steps.extend(shared.load(Some(path), shared.split));
        } else if is_network_file(&path) {
            steps.push(Step::submit(Job::OpenModel(path, None)));
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ENDING)) {
            steps.push(Step::submit(Job::OpenView(path)));
        } else if drawing || is_picture_name(&path) {
            pictures.push(PictureSource::File(path));
        } else {
            // Images of some kind, or a file that says what it is when it is looked at.
            steps.extend(shared.load(Some(path), shared.split));
        }
    }
    if !pictures.is_empty() {
        steps.extend(panels.draw.read_pictures(pictures, shared));
    }
    steps
}
