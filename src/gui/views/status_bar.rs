//! The bottom line: what is running, its progress, what there is to say, and the settings behind the numbers.

use std::fmt::Write as _;
use std::time::Duration;

use egui::{ProgressBar, RichText, Ui};
use egui_material_icons::icons::ICON_WARNING;

use super::notices::line_ui;
use crate::gui::action::{Action, RunAction};
use crate::gui::shared::Notice;
use crate::gui::theme;
use crate::progress::Progress;
use crate::wording;

/// A job as the status bar shows it.
pub struct JobLine<'a> {
    /// Its name.
    pub title: &'a str,
    /// Units for its rate; empty when a rate means nothing.
    pub unit: &'a str,
    /// Its progress.
    pub progress: Progress,
    /// When it started.
    pub elapsed: Duration,
    /// Its own rate in units per second, where it tells one.
    pub rate: Option<f64>,
    /// Its own time left, where it tells one.
    pub left: Option<Duration>,
}

/// What the status bar shows.
pub struct StatusData<'a> {
    /// What is running, the longest first.
    pub jobs: Vec<JobLine<'a>>,
    /// The settings behind the numbers on the screen: seed, T, p.
    pub provenance: String,
    /// What there is to say, the oldest first.
    pub notices: &'a [Notice],
    /// A caution about them, such as a p the network was not trained with.
    pub caution: Option<String>,
}

/// Draws the status bar; returns whether the pointer is on what it says.
pub fn status_bar_ui(ui: &mut Ui, data: &StatusData<'_>, actions: &mut Vec<Action>) -> bool {
    let mut held = false;
    ui.horizontal(|ui| {
        if data.jobs.is_empty() {
            ui.weak("Ready");
        }
        for job in &data.jobs {
            job_ui(ui, job);
        }
        if !data.jobs.is_empty()
            && ui
                .small_button("Cancel")
                .on_hover_text(
                    "Stop running jobs; complete results stay, and a training gives no network to use",
                )
                .clicked()
        {
            actions.push(Action::Run(RunAction::CancelJobs));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(&data.provenance).small());
            if let Some(caution) = &data.caution {
                let colour = theme::palette(ui.visuals()).warning;
                ui.label(
                    RichText::new(format!("{} {caution}", ICON_WARNING.codepoint)).small().color(colour),
                );
            }
            // The room between the two.
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                held = line_ui(ui, data.notices, actions);
            });
        });
    });
    held
}

fn job_ui(ui: &mut Ui, job: &JobLine<'_>) {
    ui.label(RichText::new(job.title).small());
    match job.progress.fraction() {
        Some(fraction) => {
            ui.add(ProgressBar::new(fraction).desired_width(110.0).desired_height(8.0));
        }
        None => {
            ui.add(egui::Spinner::new().size(12.0));
        }
    }
    let seconds = job.elapsed.as_secs_f64();
    if seconds < 0.3 || job.progress.done == 0 {
        return;
    }
    let per_second = job.rate.unwrap_or(job.progress.done as f64 / seconds);
    let mut text = String::new();
    if !job.unit.is_empty() {
        text = wording::rate(per_second, job.unit);
    }
    let undone = job.progress.total.checked_sub(job.progress.done).filter(|_| job.progress.total > 0);
    let reckoned = undone.map(|undone| Duration::from_secs_f64((undone as f64 / per_second).min(1e6)));
    if let Some(left) = job.left.or(reckoned) {
        if !text.is_empty() {
            text.push_str(" · ");
        }
        let _ = write!(text, "{} left", wording::duration(left));
    }
    ui.label(RichText::new(text).small().weak());
}
