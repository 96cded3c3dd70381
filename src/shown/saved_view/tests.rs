//! What a view holds comes back; what is damaged, newer or absurd does not.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use crate::uncertainty::doubt_plane::PlaneAxes;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::data::ink::Stroke;
use crate::data::source::Split;
use crate::data::{Class, PIXELS};
use crate::model::Placement;
use crate::sampling::MaskDesign;
use crate::sampling::SweepConfig;
use crate::shown::Limits;
use crate::uncertainty::{Filter, Grouping, Measure};

fn hash() -> impl Strategy<Value = ContentHash> {
    any::<[u8; 32]>().prop_map(ContentHash)
}

fn corner() -> impl Strategy<Value = [f32; 2]> {
    [-1.0_f32..3.0, -1.0_f32..3.0]
}

fn shape() -> impl Strategy<Value = SavedShape> {
    prop_oneof![
        [corner(), corner()].prop_map(SavedShape::Box),
        vec(corner(), 0..5).prop_map(SavedShape::Lasso),
    ]
}

fn drawing() -> impl Strategy<Value = SavedDrawing> {
    let stroke = (vec([-5.0_f32..33.0, -5.0_f32..33.0], 0..5), 0.1_f32..15.0, any::<bool>())
        .prop_map(|(points, width, erase)| Stroke { points, width, erase });
    (option::of(0..10 as Class), option::of(vec(0.0_f32..=1.0, PIXELS)), vec(stroke, 0..4))
        .prop_map(|(label, base, strokes)| SavedDrawing { label, base, strokes })
}

const IMAGES: u32 = 40;

fn indices() -> impl Strategy<Value = Vec<u32>> {
    btree_set(0..IMAGES, 0..6).prop_map(|set| set.into_iter().collect())
}

/// Any view that a window could save.
fn view() -> impl Strategy<Value = SavedView> {
    let place = prop_oneof![
        Just(DataPlace::Mnist),
        Just(DataPlace::Synthetic),
        "[a-z日/ ]{1,12}".prop_map(|path| DataPlace::Folder(format!("/{path}").into())),
    ];
    let network = prop_oneof![
        Just(NetworkPlace::Bundled),
        Just(NetworkPlace::Window),
        "[a-z\"]{1,12}".prop_map(|path| NetworkPlace::File(format!("/{path}").into())),
    ];
    let of = (place, network, hash(), hash(), "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,20}");
    let sweep = (PASSES, DROPOUT, any::<u64>()).prop_map(|(passes, dropout, seed)| SweepConfig {
        passes,
        dropout,
        seed,
        masks: MaskDesign::Independent,
    });
    let only = (indices(), "[a-z ·\\\\]{0,9}").prop_map(|(indices, name)| SavedOnly { name, indices });
    let part = (any::<bool>(), shape()).prop_map(|(adds, shape)| SavedPart { adds, shape });
    let limits = (option::of(only), option::of(vec(part, 1..4)))
        .prop_map(|(only, region)| SavedLimits { only, region });
    let gallery = (option::of(0..10 as Class), 0..Measure::ALL.len(), any::<[bool; 3]>(), 1_usize..=1000)
        .prop_map(|(digit, measure, [by, right, two], top)| SavedGallery {
            digit,
            grouping: if by { Grouping::Label } else { Grouping::Prediction },
            filter: if right { Filter::Right } else { Filter::All },
            measure: Measure::ALL[measure],
            plane_axes: PlaneAxes([Measure::ALL[measure], Measure::Confidence]),
            arrangement: if two { SavedArrangement::Halves } else { SavedArrangement::Ranking },
            top,
        });
    let selection = (option::of(0..IMAGES), indices(), option::of(0..10 as Class))
        .prop_map(|(primary, set, class)| SavedSelection { primary, set, class });
    (of, sweep, gallery, limits, selection, option::of(drawing())).prop_map(
        |((place, network, data, parameters, name), sweep, gallery, limits, selection, drawing)| SavedView {
            data: SavedData {
                name: name.clone(),
                place,
                split: Split::Test,
                part: None,
                images: IMAGES,
                hash: data,
            },
            network: SavedNetwork {
                name,
                place: network,
                parameters,
                placement: Some(Placement::Dense),
                sites: None,
            },
            subnetwork: drawing.is_some().then_some(sweep.passes - 1),
            sweep,
            tab: SavedTab::Plane,
            gallery,
            limits,
            selection,
            drawing,
        },
    )
}

/// One view, the same every time.
fn one() -> SavedView {
    let stroke = Stroke { points: vec![[5.0, 5.0], [20.1, 6.5]], width: 2.6, erase: false };
    SavedView {
        data: SavedData {
            name: "folder digits · test".to_owned(),
            place: DataPlace::Folder("/a/digits".into()),
            part: Some("val".to_owned()),
            split: Split::Test,
            images: IMAGES,
            hash: ContentHash([1; 32]),
        },
        network: SavedNetwork {
            name: "bundled LeNet".to_owned(),
            place: NetworkPlace::Bundled,
            parameters: ContentHash([2; 32]),
            placement: Some(Placement::Dense),
            sites: None,
        },
        sweep: SweepConfig::default(),
        tab: SavedTab::Gallery,
        gallery: SavedGallery {
            digit: Some(4),
            grouping: Grouping::Label,
            filter: Filter::All,
            measure: Measure::MutualInformation,
            plane_axes: PlaneAxes::default(),
            arrangement: SavedArrangement::Ranking,
            top: 30,
        },
        limits: SavedLimits::default(),
        selection: SavedSelection { primary: Some(3), set: vec![3, 7], class: None },
        subnetwork: None,
        drawing: Some(SavedDrawing { label: Some(1), base: None, strokes: vec![stroke] }),
    }
}

fn text(view: &SavedView) -> String {
    String::from_utf8(view.bytes().unwrap()).unwrap()
}

fn refusal(text: &str) -> String {
    SavedView::parse(text.as_bytes()).unwrap_err().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_view_comes_back_as_it_was(view in view()) {
        let bytes = view.bytes().unwrap();
        prop_assert_eq!(&SavedView::parse(&bytes).unwrap(), &view);
        let limits = Limits::from(&view.limits);
        prop_assert_eq!(SavedLimits::from(&limits), view.limits);
    }

    #[test]
    fn bytes_that_were_changed_are_an_error_or_another_view_and_never_a_panic(
        at in any::<prop::sample::Index>(), byte: u8
    ) {
        let mut bytes = one().bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(view) = SavedView::parse(&bytes) {
            prop_assert!(view.check().is_ok());
        }
    }
}

#[test]
fn a_file_cut_off_at_any_byte_is_an_error() {
    let bytes = one().bytes().unwrap();
    for end in 0..bytes.len() {
        let error = SavedView::parse(&bytes[..end]).unwrap_err();
        let damaged = matches!(error, Why::Damaged(_));
        assert!(damaged || (end < 24 && matches!(error, Why::NoView)), "{end}: {error}");
    }
}

#[test]
fn what_a_window_does_not_offer_is_refused_in_a_sentence() {
    let text = text(&one());
    for (from, to, expected) in [
        ("\"passes\":100", "\"passes\":0", "T is 0"),
        ("\"passes\":100", "\"passes\":4000000000", "T is 4000000000"),
        ("\"dropout\":0.5", "\"dropout\":1.5", "p is 1.5"),
        ("\"dropout\":0.5", "\"dropout\":1e300", "p is inf"),
        ("\"primary\":3", "\"primary\":40", "image 40, and there are only 40"),
        ("[3,7]", "[7,3]", "ascending"),
        ("[3,7]", "[3,3]", "ascending"),
        ("[3,7]", "[3,4000000000]", "image 4000000000"),
        ("\"digit\":4", "\"digit\":1000", "digit shown is 1000"),
        ("\"label\":1", "\"label\":2000", "label of the drawing is 2000"),
        ("\"top\":30", "\"top\":0", "each half is 0"),
        ("\"subnetwork\":null", "\"subnetwork\":100", "no sub-network #101 among 100"),
        ("\"base\":null", "\"base\":[0.5]", "has 1 pixels"),
        ("20.1", "1e30", "far off the paper"),
        ("2.6", "2.6e9", "wider than the paper"),
        ("folder digits", "two\\nlines", "no line of at most"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        let said = refusal(&changed);
        assert!(said.contains(expected) && said.contains("cannot be shown"), "{to}: {said}");
    }
}

#[test]
fn what_is_no_view_what_is_damaged_and_what_is_newer_are_told_apart() {
    assert!(refusal("").contains("no view"));
    assert!(refusal("{\"id\": 3}").contains("no view"));
    assert!(refusal("[1, 2]").contains("no view"));
    let text = text(&one());
    assert!(refusal(&text.replace("\"version\":1", "\"version\":7")).contains("of version 7"));
    let unknown = text.replace("\"tab\":\"gallery\"", "\"tab\":\"cinema\"");
    assert!(refusal(&unknown).contains("damaged"), "{}", refusal(&unknown));
    let short = text.replace(&"01".repeat(32), &"01".repeat(31));
    assert!(refusal(&short).contains("64 hexadecimal digits"));
}

#[test]
fn a_file_is_written_whole_and_read_from_where_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a view.dubito-view");
    let view = one();
    view.save(&path).unwrap();
    assert_eq!(SavedView::open(&path).unwrap(), view);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays");
    // By hand, to lie beside its images.
    std::fs::write(&path, text(&view).replace("/a/digits", "digits")).unwrap();
    let place = SavedView::open(&path).unwrap().data.place;
    assert_eq!(place, DataPlace::Folder(folder.path().join("digits")));
    let error = SavedView::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
    let error = SavedView::open(&folder.path().join("none")).unwrap_err().to_string();
    assert!(error.contains("none: this view cannot be read"), "{error}");
}

#[test]
fn a_graph_is_kept_with_its_sites_and_rates_and_arranged_so_again() {
    use crate::model::graph::tests::{Written, opened, usual};
    use crate::model::{AnyModel, OpenedGraph};
    use crate::shown::OpenedModel;
    let file = usual().bytes("fc2");
    let open = || {
        let graph = OpenedGraph::new(opened(&file).unwrap());
        OpenedModel::new(AnyModel::Graph(graph), "net.onnx".to_owned())
    };
    let bundled = OpenedModel::bundled().unwrap().key();
    for change in [
        (|model| model) as fn(AnyModel) -> AnyModel,
        |model| model.at_common_rate(),
        |model| model.at_sites(&[2.into(), 4.into()]).unwrap(),
        |model| model.at_sites(&[1.into()]).unwrap(),
    ] {
        let changed = open().changed(change);
        let saved = SavedNetwork::of(&changed, bundled);
        assert_eq!(saved.key(), changed.key());
        let text = serde_json::to_string(&saved).unwrap();
        assert!(!text.contains("placement"), "{text}");
        let read: SavedNetwork = serde_json::from_str(&text).unwrap();
        assert_eq!(read.arranged(open()).key(), changed.key());
    }
    let bytes = Written::taking(&[0, 1, 28, 28])
        .convolution("x", "conv1", [1, 4, 7, 7])
        .convolution("conv1", "conv2", [4, 3, 4, 1])
        .then("Flatten", &["conv2"], "flat")
        .bytes("flat");
    let graph =
        OpenedModel::new(AnyModel::Graph(OpenedGraph::new(opened(&bytes).unwrap())), "net".to_owned());
    let at = |site: &str| graph.changed(|model| model.at_sites(&[site.parse().unwrap()]).unwrap());
    let [units, channels] = ["2", "2c"].map(|site| SavedNetwork::of(&at(site), bundled));
    let text = [&units, &channels].map(|saved| serde_json::to_string(saved).unwrap());
    assert!(!text[0].contains("by_channels") && text[1].contains(r#""by_channels":[2]"#), "{text:?}");
    for saved in text.map(|text| serde_json::from_str::<SavedNetwork>(&text).unwrap()) {
        assert_eq!(saved.arranged(at("2c")).key(), saved.key());
    }
    // A LeNet is kept as before.
    let saved = SavedNetwork::of(&OpenedModel::bundled().unwrap(), bundled);
    let text = serde_json::to_string(&saved).unwrap();
    assert!(text.contains(r#""placement":"dense""#) && !text.contains("sites"), "{text}");
}
