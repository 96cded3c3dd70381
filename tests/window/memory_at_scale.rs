//! How much memory the window takes, looked at and sampled a hundred times: without what a graphics driver adds, for
//! nothing is drawn on a screen here.
//!
//! ```text
//! cargo test --test window memory_at_scale::of_fifty -- --ignored --nocapture    # a minute, 50,000 files
//! MNIST_DIR=… cargo test --test window memory_at_scale::of_a_million -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::{Window, act, draw, open_drawn_by, state};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::{Places, Split};
use dubito::gui::action::{Action, WindowAction};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use egui_kittest::Harness;

/// The most memory this process ever took, in MB of 10⁶ bytes.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
}

/// The gallery is scrolled through until a hundred passes are there, then the plane is looked at.
fn walk(data: &Path, patience: Duration) {
    let settings =
        Settings { sweep: SweepConfig { passes: 100, ..SweepConfig::default() }, ..Settings::default() };
    let size = egui::vec2(1280.0, 800.0);
    let mut window: Window =
        open_drawn_by(draw, Harness::builder().with_size(size), data, settings, None, None);
    let start = Instant::now();
    let mut told = Duration::ZERO;
    loop {
        window.step();
        window.event(egui::Event::PointerMoved(egui::pos2(500.0, 500.0)));
        window.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -400.0),
            modifiers: egui::Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
        });
        let shared = &state(&window).shared;
        let passes = shared.run.gallery.as_ref().map_or(0, |gallery| gallery.query.passes);
        if start.elapsed() > told {
            println!("{:.0} s: {passes} passes, {:.0} MB at most", start.elapsed().as_secs_f64(), peak());
            told += Duration::from_secs(5);
        }
        if passes == 100 && shared.jobs.is_empty() {
            break;
        }
        assert!(start.elapsed() < patience, "{passes} passes only");
        std::thread::sleep(Duration::from_millis(5));
    }
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(100);
    println!("{:.0} s: all, {:.0} MB at most", start.elapsed().as_secs_f64(), peak());
}

#[test]
#[ignore = "a measurement that writes 50,000 files"]
fn of_fifty_thousand_pictures_in_a_thousand_classes() {
    let folder = tempfile::tempdir().unwrap();
    for class in 0..1000_u32 {
        let inside = folder.path().join(format!("class{class:04}"));
        fs::create_dir(&inside).unwrap();
        for at in 0..50_u32 {
            let colour = |x: u32, y: u32| {
                let mixed = (class * 50 + at + 1).wrapping_mul(0x9e37_79b1 ^ (x / 8 * 97 + y / 8 * 1009));
                image::Rgb([(mixed >> 8) as u8, (mixed >> 16) as u8, (mixed >> 24) as u8])
            };
            image::RgbImage::from_fn(64, 64, colour).save(inside.join(format!("{at:03}.png"))).unwrap();
        }
    }
    walk(folder.path(), Duration::from_mins(5));
    assert!(peak() < 500.0);
}

#[test]
#[ignore = "a measurement that needs minutes, 800 MB of disk and 2 GB more"]
fn of_a_million_images() {
    let folder = tempfile::tempdir().unwrap();
    let data = std::env::var_os("MNIST_DIR").expect("set MNIST_DIR to the folder with MNIST's files");
    let loaded = Places::new(Some(data.into()));
    let some = match loaded.load(Split::Test, &mut |_| std::ops::ControlFlow::Continue(())).unwrap() {
        std::ops::ControlFlow::Continue(loaded) => loaded.digits,
        std::ops::ControlFlow::Break(()) => panic!("nobody stopped it"),
    };
    // Repeated in the file: what this test held would count as the window's.
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &some, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &some, Packing::Plain).unwrap();
    repeat(&folder.path().join("t10k-images-idx3-ubyte"), 16, 100);
    repeat(&folder.path().join("t10k-labels-idx1-ubyte"), 8, 100);
    drop(some);
    walk(folder.path(), Duration::from_mins(9));
    assert!(peak() < 1500.0);
}

/// Writes what follows the header of an IDX file so many times, and their number into the header.
fn repeat(path: &Path, header: usize, times: u32) {
    let once = fs::read(path).unwrap();
    let images = u32::from_be_bytes(once[4..8].try_into().unwrap());
    let mut start = once[..header].to_vec();
    start[4..8].copy_from_slice(&(images * times).to_be_bytes());
    let mut file = fs::File::create(path).unwrap();
    std::io::Write::write_all(&mut file, &start).unwrap();
    for _ in 0..times {
        std::io::Write::write_all(&mut file, &once[header..]).unwrap();
    }
}
