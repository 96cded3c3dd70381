//! Charts: where values land, what is left out, what the table says.

use std::collections::BTreeSet;

use image::{Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::data::PIXELS;
use crate::export::grid::GridError;

/// A page of one plot.
fn page(plot: Plot) -> Chart {
    Chart { rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() }
}

/// Solid discs over axes from 0 to 1.
fn dots(points: &[[f64; 2]]) -> Chart {
    page(Plot {
        x: Axis::new("").between(0.0, 1.0),
        y: Axis::new("").between(0.0, 1.0),
        series: vec![Series::dots("", VERMILION, points.iter().map(|[x, y]| Point::at(*x, *y)))],
        ..Plot::default()
    })
}

/// Middle of all pixels of one colour.
fn middle(image: &RgbImage, colour: Rgb<u8>) -> Option<[f64; 2]> {
    let places: Vec<_> = image.enumerate_pixels().filter(|(.., pixel)| **pixel == colour).collect();
    let count = places.len() as f64;
    let sum = |of: fn(&(u32, u32, &Rgb<u8>)) -> f64| places.iter().map(of).sum::<f64>() / count + 0.5;
    (!places.is_empty()).then(|| [sum(|place| f64::from(place.0)), sum(|place| f64::from(place.1))])
}

fn has(image: &RgbImage, colour: Rgb<u8>) -> bool {
    image.pixels().any(|pixel| *pixel == colour)
}

/// The records of a table below its header.
fn records(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["panel", "series", "x", "x_end", "y", "low", "high", "value"]);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_dot_lies_where_its_values_say() {
    let at = |x, y| middle(&dots(&[[x, y]]).draw().unwrap(), VERMILION).unwrap();
    let (corner, opposite) = (at(0.0, 0.0), at(1.0, 1.0));
    assert!(opposite[0] > corner[0] + 1000.0 && opposite[1] < corner[1] - 400.0, "{corner:?} {opposite:?}");
    for (x, y) in [(0.5, 0.5), (0.25, 0.9), (0.731, 0.117)] {
        let found = at(x, y);
        for (axis, value) in [(0, x), (1, y)] {
            let expected = corner[axis] + value * (opposite[axis] - corner[axis]);
            assert!((found[axis] - expected).abs() < 0.6, "{x} {y}: {found:?}, expected {expected}");
        }
    }
}

#[test]
fn every_shape_stands_on_its_point_and_has_about_the_same_area() {
    let areas: Vec<_> = DotShape::ALL
        .map(|shape| {
            let mark = Mark::Dots { shape, radius: 20.0, alpha: 1.0 };
            let (x, y) = (Axis::new("").between(0.0, 1.0), Axis::new("").between(0.0, 1.0));
            let series = Series::dots("", VERMILION, [Point::at(0.5, 0.5)]).marked(mark);
            let image = page(Plot { x, y, series: vec![series], ..Plot::default() }).draw().unwrap();
            let disc = middle(&dots(&[[0.5, 0.5]]).draw().unwrap(), VERMILION).unwrap();
            let found = middle(&image, VERMILION).unwrap();
            assert!(
                (found[0] - disc[0]).abs() < 1.0 && (found[1] - disc[1]).abs() < 4.0,
                "{shape:?} {found:?}"
            );
            image.pixels().filter(|pixel| **pixel == VERMILION).count()
        })
        .into();
    assert!(areas.iter().all(|area| (800..1500).contains(area)), "{areas:?}");
}

#[test]
fn a_band_fills_what_lies_between_its_ends() {
    let points = [0.0, 1.0].map(|x| Point::at(x, 0.9).between(0.25, 0.75));
    let (x, y) = (Axis::new("").between(0.0, 1.0), Axis::new("").between(0.0, 1.0));
    let image =
        page(Plot { x, y, series: vec![Series::line("", GREEN, points)], ..Plot::default() }).draw().unwrap();
    let place = |y| middle(&dots(&[[0.43, y]]).draw().unwrap(), VERMILION).unwrap();
    let tinted = |y: f64| {
        let [x, y] = place(y);
        let pixel = image.get_pixel(x as u32, y as u32);
        pixel.0[0] < 230 && pixel.0[1] > 200
    };
    assert_eq!([0.13, 0.27, 0.47, 0.73, 0.83].map(tinted), [false, true, true, true, false]);
}

#[test]
fn a_bar_reaches_its_value_and_a_line_its_points() {
    let axes = || (Axis::new("").between(0.0, 4.0), Axis::new("").between(0.0, 1.0));
    let (x, y) = axes();
    let bar = Series::bars("", BLUE, [Point::bar(1.0, 2.0, 0.5)]);
    let image = page(Plot { x, y, series: vec![bar], ..Plot::default() }).draw().unwrap();
    let corners = [[0.0, 0.0], [1.0, 1.0]].map(|at| middle(&dots(&[at]).draw().unwrap(), VERMILION).unwrap());
    let [[left, bottom], [right, top]] = corners;
    let solid = super::super::text::mix(Rgb([255; 3]), BLUE, 217.0 / 255.0);
    let near = |pixel: &Rgb<u8>| (0..3).all(|i| pixel.0[i].abs_diff(solid.0[i]) <= 1);
    let places: Vec<_> = image.enumerate_pixels().filter(|(.., pixel)| near(pixel)).collect();
    let ends = |of: fn(&(u32, u32, &Rgb<u8>)) -> u32| {
        let all: BTreeSet<u32> = places.iter().map(of).collect();
        (f64::from(*all.first().unwrap()), f64::from(*all.last().unwrap()))
    };
    let ((x0, x1), (y0, y1)) = (ends(|p| p.0), ends(|p| p.1));
    let width = right - left;
    assert!((x0 - (left + width / 4.0)).abs() < 3.0 && (x1 - (left + width / 2.0)).abs() < 3.0, "{x0} {x1}");
    assert!((y0 - f64::midpoint(top, bottom)).abs() < 3.0 && (y1 - bottom).abs() < 4.0, "{y0} {y1}");

    let (x, y) = axes();
    let line = Series::line("", GREEN, [Point::at(0.0, 0.5), Point::at(4.0, 0.5)]);
    let image = page(Plot { x, y, series: vec![line], ..Plot::default() }).draw().unwrap();
    let [at, level] = middle(&image, GREEN).unwrap();
    assert!(
        (at - f64::midpoint(left, right)).abs() < 2.0 && (level - f64::midpoint(top, bottom)).abs() < 1.0
    );
}

#[test]
fn what_lies_outside_the_axes_or_is_not_finite_is_left_out() {
    let outside = [[2.0, 0.5], [0.5, -0.2], [f64::NAN, 0.5], [0.5, f64::INFINITY], [f64::NEG_INFINITY, 0.5]];
    assert!(!has(&dots(&outside).draw().unwrap(), VERMILION));
    assert!(has(&dots(&[outside[0], [0.5, 0.5]]).draw().unwrap(), VERMILION));
    // A line that leaves the axes is cut off at them, and not drawn along their edge.
    let series = Series::line("", GREEN, [Point::at(0.0, 0.5), Point::at(0.5, 1e300), Point::at(1.0, 0.5)]);
    let (x, y) = (Axis::new("").between(0.0, 1.0), Axis::new("").between(0.0, 1.0));
    let image = page(Plot { x, y, series: vec![series], ..Plot::default() }).draw().unwrap();
    let top = middle(&dots(&[[0.5, 1.0]]).draw().unwrap(), VERMILION).unwrap()[1];
    let rows: Vec<_> = image.enumerate_pixels().filter(|(.., p)| **p == GREEN).map(|(_, y, _)| y).collect();
    assert!(!rows.is_empty() && rows.iter().all(|y| f64::from(*y) >= top - 2.0));
    let along_the_edge = rows.iter().filter(|y| f64::from(**y) < top + 4.0).count();
    assert!(along_the_edge < 60, "{along_the_edge}");
}

#[test]
fn an_interrupted_line_keeps_the_parts_that_are_there() {
    let points =
        [(0.0, 0.5), (0.2, 0.5), (0.4, f64::NAN), (0.6, 0.5), (0.7, f64::NAN), (0.8, 0.5), (1.0, 0.5)];
    let series = Series::line("", GREEN, points.map(|(x, y)| Point::at(x, y)));
    let (x, y) = (Axis::new("").between(0.0, 1.0), Axis::new("").between(0.0, 1.0));
    let image = page(Plot { x, y, series: vec![series], ..Plot::default() }).draw().unwrap();
    let ends = [0.0, 1.0].map(|at| middle(&dots(&[[at, 0.5]]).draw().unwrap(), VERMILION).unwrap()[0]);
    let green = |at: f64| {
        let column = (ends[0] + at * (ends[1] - ends[0])) as u32;
        (0..image.height()).any(|y| *image.get_pixel(column, y) == GREEN)
    };
    assert_eq!([0.1, 0.3, 0.5, 0.6, 0.65, 0.9].map(green), [true, false, false, true, false, true]);
}

#[test]
fn a_page_can_be_empty_and_a_plot_can_have_one_point() {
    let empty = Chart::default().draw().unwrap();
    assert!(empty.width() == 912 && empty.pixels().all(|pixel| *pixel == Rgb([255; 3])));
    page(Plot::default()).draw().unwrap();
    let one = page(Plot { series: vec![Series::line("", BLUE, [Point::at(3.0, 3.0)])], ..Plot::default() });
    assert!(has(&one.draw().unwrap(), BLUE));
    let panels = [
        Panel::Pictures(Pictures::default()),
        Panel::Matrix(Matrix::default()),
        Panel::Table(Table::default()),
    ];
    let chart = Chart { rows: vec![panels.to_vec(), vec![]], ..Chart::default() };
    chart.draw().unwrap();
    assert!(records(&chart.csv()).is_empty());
}

#[test]
fn an_image_of_another_size_is_refused() {
    let wrong = Picture { pixels: vec![0; 100], ..Picture::default() };
    let panels = [
        Panel::Pictures(Pictures { pictures: vec![wrong], ..Pictures::default() }),
        Panel::Map(map(vec![0.0; 100], Vec::new())),
        Panel::Map(map(vec![0.0; PIXELS], vec![0; 100])),
        Panel::Plot(Plot { below: vec![(0.0, vec![0; 100])], ..Plot::default() }),
    ];
    for panel in panels {
        let error = Chart { rows: vec![vec![panel]], ..Chart::default() }.draw().unwrap_err();
        assert!(matches!(error, GridError::Pixels { found: 100 }), "{error}");
    }
    let rows = vec![vec![Cell::from("a")]; 3_000];
    let table = Table { columns: vec!["c".to_owned()], rows, ..Table::default() };
    let error = Chart { rows: vec![vec![Panel::Table(table)]], ..Chart::default() }.draw().unwrap_err();
    assert!(matches!(error, GridError::Size { .. }), "{error}");
}

fn map(values: Vec<f32>, under: Vec<u8>) -> Map {
    Map { heading: "change of H".to_owned(), caption: String::new(), values, scale: None, under }
}

#[test]
fn a_map_is_blue_below_zero_orange_above_and_bare_where_nothing_is_known() {
    let mut values = vec![f32::NAN; PIXELS];
    (values[0], values[1]) = (-0.5, 0.5);
    let chart = Chart { rows: vec![vec![Panel::Map(map(values, vec![0; PIXELS]))]], ..Chart::default() };
    let image = chart.draw().unwrap();
    let tint = |pole| super::super::text::mix(Rgb([255; 3]), pole, 0.95);
    let (less, more) = (middle(&image, tint(BLUE)).unwrap(), middle(&image, tint(ORANGE)).unwrap());
    assert!((more[0] - less[0] - 12.0).abs() < 1e-9 && (more[1] - less[1]).abs() < 1e-9);
    let rows = records(&chart.csv());
    assert_eq!(rows.len(), PIXELS);
    assert_eq!(rows[0], ["change of H", "", "0", "", "0", "", "", "-0.5"]);
    assert_eq!(rows[29], ["change of H", "", "1", "", "1", "", "", ""]);
}

/// Four plots of every mark.
fn plots(pixels: &[u8]) -> [Panel; 4] {
    let waves =
        |phase: f64| (0..=60).map(move |t| (f64::from(t), 0.6 + 0.3 * (f64::from(t) / 9.0 + phase).sin()));
    let curve = Plot {
        heading: "Curves with bands".to_owned(),
        x: Axis::new("passes T"),
        y: Axis::new("nats").from_zero(),
        series: vec![
            Series::line(
                "predictive entropy ±1 SE",
                BLUE,
                waves(0.0).map(|(x, y)| Point::at(x, y).with_error(0.1)),
            ),
            Series::dashes("mutual information", ORANGE, waves(2.0).map(|(x, y)| Point::at(x, y / 2.0))),
            Series::horizontal("ln 10", GREY, 1.2),
            Series::vertical("T now", GREY, 20.0),
        ],
        ..Plot::default()
    };
    let bars = Plot {
        heading: "Predictive mean".to_owned(),
        x: Axis::new("class").named((0..10).map(|class| class.to_string())),
        y: Axis::new("probability").between(0.0, 1.0).in_percent(),
        series: vec![
            Series::bars(
                "mean ±1 SE",
                BLUE,
                (0..10).map(|c| Point::at(c.into(), 0.09 * f64::from(c)).with_error(0.03)),
            ),
            Series::dots("votes", ORANGE, (0..10).map(|c| Point::at(c.into(), 0.1 * f64::from(c))))
                .marked(Mark::Dots { shape: DotShape::Diamond, radius: 8.0, alpha: 1.0 }),
        ],
        ..Plot::default()
    };
    let cloud = Plot {
        heading: "Six shapes over images".to_owned(),
        x: Axis::new("angle (degrees)")
            .between(-10.0, 190.0)
            .with_ticks((0..12).map(|i| (f64::from(i) * 16.0, (i * 16).to_string()))),
        y: Axis::new("logit"),
        series: (0..6)
            .map(|s| {
                let points = (0..60).map(move |i| {
                    Point::at(f64::from(i % 12) * 16.0, f64::from(i32::from(s) * 5 + (i * 7) % 11))
                });
                Series::dots(format!("class {s}"), class_colour(s), points).marked(Mark::Dots {
                    shape: DotShape::number(s as usize),
                    radius: 6.0,
                    alpha: 0.6,
                })
            })
            .collect(),
        below: (0..12).map(|i| (f64::from(i) * 16.0, pixels.to_vec())).collect(),
    };
    let histograms = Plot {
        heading: "Histograms".to_owned(),
        x: Axis::new("predictive entropy (nats)"),
        y: Axis::new("share of images").in_percent().scaled(Scale::Root).between(0.0, 1.0),
        series: vec![
            Series::bars(
                "right",
                BLUE,
                (0..20).map(|b| {
                    Point::bar(f64::from(b) / 10.0, f64::from(b + 1) / 10.0, 0.8 / f64::from(b + 1))
                }),
            ),
            Series::bars(
                "wrong",
                VERMILION,
                (0..20)
                    .map(|b| Point::bar(f64::from(b) / 10.0, f64::from(b + 1) / 10.0, 0.01 * f64::from(b))),
            ),
        ],
        ..Plot::default()
    };
    [curve, bars, cloud, histograms].map(Panel::Plot)
}

/// A page with everything on it.
fn full() -> Chart {
    let pixels: Vec<u8> = (0..PIXELS).map(|at| (at % 256) as u8).collect();
    let digit =
        |caption: &str| Picture { pixels: pixels.clone(), caption: caption.to_owned(), ..Picture::default() };
    let [curve, bars, cloud, histograms] = plots(&pixels);
    let names = || (0..10).map(|class| class.to_string()).collect::<Vec<_>>();
    let matrix = Matrix {
        heading: "Confusion matrix".to_owned(),
        axes: ["label".to_owned(), "prediction".to_owned()],
        rows: names(),
        columns: names(),
        counts: (0..10)
            .map(|r| (0..10).map(|c| if r == c { 980 } else { (r * c % 5) as u64 }).collect())
            .collect(),
    };
    let table = Table {
        heading: "Quality".to_owned(),
        columns: ["", "deterministic", "MC dropout"].map(String::from).to_vec(),
        rows: vec![
            ["accuracy", "99.10 %", "99.34 %"].map(Cell::from).to_vec(),
            vec![
                "NLL (nats)".into(),
                "0.0301".into(),
                Cell::number("0.0219 ± 0.001", 0.0219).between(0.0209, 0.0229),
            ],
        ],
    };
    let values =
        (0..PIXELS).map(|at| if at % 5 == 0 { f32::NAN } else { (at as f32 / 90.0).sin() * 0.2 }).collect();
    Chart {
        title: "Image 247 · label 4 · predicted 9: a title so long that it is wrapped, with 日本語の名前.png and → in it, to the second line".to_owned(),
        note: "The note below it.".to_owned(),
        rows: vec![
            vec![Panel::Pictures(Pictures { heading: "Turned".to_owned(), pictures: (0..12).map(|i| digit(&format!("{}°\n1 → 7", i * 15))).collect(), columns: 0 })],
            vec![cloud],
            vec![curve, bars],
            vec![histograms, Panel::Matrix(matrix), Panel::Map(map(values, pixels.clone()))],
            vec![Panel::Table(table)],
        ],
        footer: "MNIST test · model 1a2b3c · T = 100 · p = 0.5 · seed 7 · dubito".to_owned(),
    }
}

#[test]
fn the_same_chart_has_the_same_bytes_in_a_file_that_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (png, csv) = (folder.path().join("図.png"), folder.path().join("図.csv"));
    let chart = full();
    chart.save(&png).unwrap();
    chart.save_csv(&csv).unwrap();
    let bytes = std::fs::read(&png).unwrap();
    assert!(bytes == chart.png().unwrap() && bytes == full().png().unwrap());
    assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgb8(), chart.draw().unwrap());
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), chart.csv());
    let missing = folder.path().join("no/such.png");
    let errors =
        [chart.save(&missing).unwrap_err().to_string(), chart.save_csv(&missing).unwrap_err().to_string()];
    assert!(
        errors.iter().all(|error| error.contains("such.png") && error.contains("create it")),
        "{errors:?}"
    );
}

#[test]
fn the_table_holds_every_kind_of_panel() {
    let rows = records(&full().csv());
    let find = |panel: &str, series: &str, x: &str| {
        let found: Vec<_> =
            rows.iter().filter(|row| row[0] == panel && row[1] == series && row[2] == x).collect();
        assert_eq!(found.len(), 1, "{panel} {series} {x}");
        found[0][3..].to_vec()
    };
    assert_eq!(find("Turned", "", "2"), ["", "", "", "", "15° 1 → 7"]);
    assert_eq!(find("Curves with bands", "ln 10", ""), ["", "1.2", "", "", ""]);
    assert_eq!(find("Curves with bands", "T now", "20"), ["", "", "", "", ""]);
    assert_eq!(find("Predictive mean", "votes", "7"), ["", "0.7000000000000001", "", "", "7"]);
    assert_eq!(find("Histograms", "right", "1"), ["1.1", &(0.8 / 11.0).to_string(), "", "", ""]);
    assert_eq!(rows.iter().filter(|row| row[0] == "Confusion matrix").count(), 100);
    assert!(rows.iter().any(|row| row[0] == "Quality"
        && row[1..] == ["NLL (nats)", "MC dropout", "", "0.0219", "0.0209", "0.0229", "0.0219 ± 0.001"]));
}

#[test]
fn a_histogram_has_bars_of_one_width_over_its_range() {
    let series = Series::histogram("", BLUE, [1.0, 2.0], &[3, 0, 5, 1]);
    let bars: Vec<_> = series.points.iter().map(|bar| (bar.x, bar.x_end, bar.y)).collect();
    assert_eq!(bars, [(1.0, 1.25, 3.0), (1.25, 1.5, 0.0), (1.5, 1.75, 5.0), (1.75, 2.0, 1.0)]);
}

#[test]
fn a_panel_without_heading_has_its_number_and_a_name_with_a_comma_is_quoted() {
    let plot = |heading: &str, name: &str| {
        let series = vec![Series::line(name, BLUE, [Point::at(1.0, f64::NAN)])];
        Panel::Plot(Plot { heading: heading.to_owned(), series, ..Plot::default() })
    };
    let chart = Chart { rows: vec![vec![plot("日", "a, \"b\"")], vec![plot("", "c")]], ..Chart::default() };
    let rows = records(&chart.csv());
    assert_eq!(rows[0][..5], ["日", "a, \"b\"", "1", "", ""]);
    assert_eq!(rows[1][..2], ["2", "c"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_finite_number_reads_back_as_it_was(x: f64, y: f32) {
        let series = Series::line("", BLUE, [Point::at(x, f64::from(y))]);
        let rows = records(&page(Plot { series: vec![series], ..Plot::default() }).csv());
        if x.is_finite() {
            prop_assert_eq!(rows[0][2].parse::<f64>().map(|x| x as f32), Ok(x as f32));
        } else {
            prop_assert_eq!(&rows[0][2], "");
        }
        if y.is_finite() {
            prop_assert_eq!(rows[0][4].parse::<f32>().map(f32::to_bits), Ok(y.to_bits()));
        } else {
            prop_assert_eq!(&rows[0][4], "");
        }
    }

    #[test]
    fn no_values_break_the_drawing(points in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..6)) {
        let points = || points.iter().map(|(x, y, low)| Point::at(*x, *y).between(*low, *y));
        let series = vec![Series::line("", BLUE, points()), Series::dots("", BLUE, points()), Series::bars("", BLUE, points())];
        page(Plot { series, ..Plot::default() }).draw().unwrap();
    }
}
