//! Other words for commands: what people type who know them from elsewhere.

use super::action::{
    Action, DrawAction, FileAction, FilePurpose, GalleryAction, GuideAction, MarksAction, PlaneAction,
    RotateAction, RunAction, TrainAction, WindowAction,
};
use super::settings::{Arrangement, ThemeChoice};
use crate::help::Topic;
use crate::uncertainty::{Filter, Measure};

/// Words that say nothing about what is looked for.
const EMPTY: [&str; 17] = [
    "a", "an", "the", "to", "of", "in", "into", "as", "for", "my", "i", "do", "how", "can", "is", "it",
    "with",
];

/// What was typed, word by word: those that say something or, where none does, all of them.
#[must_use]
pub fn words(query: &str) -> Vec<String> {
    let query = query.to_lowercase();
    let all =
        || query.split(|c: char| c.is_whitespace() || matches!(c, '?' | '…')).filter(|word| !word.is_empty());
    let telling: Vec<String> = all().filter(|word| !EMPTY.contains(word)).map(str::to_owned).collect();
    if telling.is_empty() { all().map(str::to_owned).collect() } else { telling }
}

/// Other words for what an action does, apart from those in its name; none where its name is what one looks for.
#[must_use]
pub fn other_words(action: &Action) -> &'static str {
    match action {
        Action::Window(action) => for_window(action),
        Action::File(FileAction::Ask(purpose)) => for_file(*purpose),
        Action::Run(action) => for_run(action),
        Action::Gallery(action) => for_gallery(action),
        Action::Undo => "revert back take history step ctrl+z",
        Action::Redo => "repeat again forward history step ctrl+y",
        Action::Draw(DrawAction::Clear) => "new blank empty delete erase drawing canvas reset",
        Action::Draw(DrawAction::ToggleEraser) => "erase rubber brush tool",
        Action::Draw(DrawAction::Thinner | DrawAction::Wider) => "brush width size line thickness stroke",
        Action::Draw(DrawAction::Keep) => "save store drawing remember",
        Action::Draw(DrawAction::Copy) => "clipboard canvas image picture",
        Action::Plane(PlaneAction::Show(None)) => "zoom out fit reset whole view scatter",
        Action::Plane(PlaneAction::ClearBrush) => "remove delete region selection lasso box",
        Action::Plane(PlaneAction::Drag(_)) => "tool mode select zoom region",
        Action::Rotate(RotateAction::Paper) => "article gal ghahramani rotation rotated",
        Action::Rotate(RotateAction::Play(_)) => "rotate animate animation spin",
        Action::Rotate(_) => "rotation turn distort transform",
        Action::Marks(MarksAction::Set(_)) => "annotate flag tag label review",
        Action::Marks(MarksAction::Clear) => "unmark remove delete undo flag",
        Action::Marks(MarksAction::Review) => "annotate check label mislabelled mislabeled wrong",
        Action::Train(TrainAction::Start) => "learn fit run new network model",
        Action::Train(TrainAction::Stop) => "end abort cancel interrupt model learning",
        Action::Train(_) => "learning animation movie video",
        _ => "",
    }
}

fn for_window(action: &WindowAction) -> &'static str {
    match action {
        WindowAction::SetTheme(ThemeChoice::Dark) => "mode night black appearance colour color scheme",
        WindowAction::SetTheme(ThemeChoice::Light) => "mode day white bright appearance colour color scheme",
        WindowAction::SetTheme(ThemeChoice::System) => {
            "mode automatic auto desktop default appearance colour color scheme dark light"
        }
        WindowAction::ShowTab(_) => "tab view open show switch",
        WindowAction::ToggleControls => "left panel sidebar side bar filters options settings close",
        WindowAction::ToggleInspector => "right panel sidebar side bar details properties close",
        WindowAction::ToggleLecture => {
            "full screen fullscreen presentation present projector zoom larger bigger enlarge text font size"
        }
        WindowAction::TogglePalette => "search find commands",
        WindowAction::ToggleShortcuts => "keys hotkeys bindings keymap cheat sheet",
        WindowAction::ShowHelp(Topic::Window) => "manual documentation docs instructions guide",
        WindowAction::ShowHelp(Topic::Keys) => "shortcuts hotkeys keyboard bindings zoom",
        WindowAction::ShowHelp(_) => "manual documentation docs instructions",
        WindowAction::ShowHelpAt(..) => "terms words definitions meaning dictionary",
        WindowAction::ShowAbout => "version licence license credits authors",
        WindowAction::Guide(GuideAction::Open) => {
            "tutorial tour introduction getting started first steps beginner guide walkthrough"
        }
        WindowAction::AskImage => "jump find search number index",
        WindowAction::ShowNetwork => {
            "architecture diagram drawing model graph structure summary sites dropout injection shapes"
        }
        WindowAction::NameClasses => "rename labels call categories",
        WindowAction::Escape => "deselect unselect none nothing close cancel",
        WindowAction::Quit => "exit close leave end window program",
        _ => "",
    }
}

fn for_file(purpose: FilePurpose) -> &'static str {
    match purpose {
        FilePurpose::OpenModel => "load import network checkpoint weights file",
        FilePurpose::OpenData => "load import images dataset data set directory mnist file",
        FilePurpose::OpenPicture => "load import image photo scan png jpeg jpg file",
        FilePurpose::OpenView => "load restore session state settings file",
        FilePurpose::OpenForeign => "out-of-distribution ood open load letters notmnist directory",
        FilePurpose::SaveModel => "store write network checkpoint weights file",
        FilePurpose::SaveView => "store write session state settings file",
        FilePurpose::SaveDrawing => "store write export canvas image png file",
        FilePurpose::SaveRotation => "store write export rotation rotate image png chart plot file",
        FilePurpose::SaveRotationTable => "store write export rotation rotate csv numbers data file",
        FilePurpose::ExportPicture => "save write image png screenshot figure gallery file",
        FilePurpose::ExportTable => "save write results numbers measures spreadsheet excel data file",
        FilePurpose::ExportSamples => "save write numpy npy probabilities passes data file",
        FilePurpose::ExportMarks => "save write labels annotations corrections table spreadsheet excel file",
        FilePurpose::ExportCard => "save write image png selected picture file",
        FilePurpose::ExportKept => "save write drawings mnist idx file",
        FilePurpose::SaveImage(_) | FilePurpose::SaveChart(..) => "",
    }
}

fn for_run(action: &RunAction) -> &'static str {
    match action {
        RunAction::UseBundledModel => "default network reset lenet",
        RunAction::RetryDownload => "dataset data images internet fetch",
        RunAction::UseSynthetic => "dataset data images generated fake artificial",
        RunAction::SetMasks(_) => "antithetic complementary sampling dropout variance quartets",
        RunAction::SetSplit(_) => "dataset data set split",
        RunAction::CancelJobs => "stop abort interrupt end",
        _ => "",
    }
}

fn for_gallery(action: &GalleryAction) -> &'static str {
    match action {
        GalleryAction::MakeFirm => {
            "decide sure certain more passes ranking guarantee confidence resolve ties"
        }
        GalleryAction::SetDigit(None) => "every number class filter clear reset",
        GalleryAction::SetDigit(_) => "number class filter only show",
        GalleryAction::SetMeasure(Measure::PredictiveEntropy) => "order rank measure uncertainty doubt total",
        GalleryAction::SetMeasure(Measure::ExpectedEntropy) => {
            "order rank measure aleatoric uncertainty data"
        }
        GalleryAction::SetMeasure(Measure::MutualInformation) => {
            "order rank measure epistemic uncertainty bald model disagreement"
        }
        GalleryAction::SetMeasure(_) => "order rank measure uncertainty",
        GalleryAction::SetFilter(Filter::All) => "filter clear reset every",
        GalleryAction::SetFilter(Filter::Right) => "filter only correct hits",
        GalleryAction::SetFilter(Filter::Wrong) => "filter only errors mistakes incorrect misclassified",
        GalleryAction::SetArrangement(Arrangement::Halves) => "layout arrange certain uncertain",
        GalleryAction::SetArrangement(Arrangement::Ranking) => "layout arrange list order sorted",
        GalleryAction::Shelf(_) => "filter preset show",
        GalleryAction::ShowOnly(None) => "filter clear reset every remove limits",
        _ => "",
    }
}
