//! What a person said of an image is kept when the program is killed the moment after: a real process, really killed.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic, reason = "all of it is test code")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dubito::data::marks::{Mark, MarkStore, Marks, Review};
use dubito::data::{Digits, synthetic};

/// Where the process that is killed writes to.
const FOLDER: &str = "DUBITO_TEST_MARKS";
const IMAGES: usize = 60;

fn digits() -> Digits {
    synthetic::generate(IMAGES, 5)
}

/// What a step says of its image; another thing each time round.
fn mark(step: usize) -> Review {
    let all = [Mark::Ambiguous, Mark::BadImage, Mark::Fine, Mark::WrongLabel { new_label: None }];
    Review::Marked(all[(step + step / IMAGES) % all.len()])
}

/// The process that is killed: it marks one image after the other and says each that was saved.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn marks_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (store, digits) = (MarkStore::new(PathBuf::from(folder)), digits());
    let (mut marks, _): (Marks, _) = store.load(&digits).unwrap();
    for step in 0.. {
        let change = marks.change(&digits, (step % IMAGES) as u32, mark(step));
        let Some(change) = change else { continue };
        store.save(&marks.dataset(), &[change]).unwrap();
        marks.apply(change);
        println!("saved {step}");
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn what_was_said_before_a_kill_is_there_after_it() {
    let digits = digits();
    for lines in [1, 2, 37, 150] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["marks_until_killed", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut last = None;
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        for line in said.filter(|line| line.contains("saved ")).take(lines) {
            last = line.rsplit(' ').next().and_then(|step| step.parse::<usize>().ok());
        }
        // SIGKILL: nothing of it runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        let last = last.unwrap();
        let (marks, problems) = MarkStore::new(folder.path().to_path_buf()).load(&digits).unwrap();
        // The line under way when it was killed may be cut; whatever was saved before is not.
        assert!(problems.len() <= 1, "{problems:?}");
        let found: Vec<Review> = (0..IMAGES as u32).map(|index| marks.review(index)).collect();
        // All it said, and what it had saved before it died, but for that nothing is missing in between.
        let mut after = vec![Review::Unseen; IMAGES];
        let mut steps = 0..last + 100_000;
        steps.by_ref().take(last + 1).for_each(|step| after[step % IMAGES] = mark(step));
        while after != found {
            let step = steps.next().unwrap_or_else(|| panic!("after {last}: {found:?}"));
            after[step % IMAGES] = mark(step);
        }
    }
}
