//! What the bundled network is worth on MNIST's test images, in `MNIST_DIR`; `FOREIGN_DIR` may name the letters of
//! notMNIST.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

#[path = "common/mnist.rs"]
mod mnist;

use std::process::Command;

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_bundled_network_is_accurate_calibrated_and_knows_its_errors_on_mnist() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dubito"));
    command.args(["evaluate", "--format", "json", "--resamples", "200", "--data"]).arg(mnist::folder());
    if let Some(letters) = std::env::var_os("FOREIGN_DIR") {
        command.arg("--ood").arg(letters);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["images"], 10_000);
    let number = |name: &str| report["mc_dropout"][name]["value"].as_f64().unwrap();
    assert!(number("accuracy") >= 0.992, "accuracy {}", number("accuracy"));
    assert!(number("nll") <= 0.030, "NLL {}", number("nll"));
    assert!(number("ece15") <= 0.010, "ECE {}", number("ece15"));
    let auroc = report["mc_dropout"]["error_auroc"]["predictive_entropy"]["value"].as_f64().unwrap();
    assert!(auroc >= 0.96, "error AUROC {auroc}");
    if let Some(areas) = report["ood"]["auroc"].as_object() {
        let area = |run: &str| areas[run]["predictive_entropy"]["value"].as_f64().unwrap();
        assert!(area("mc_dropout") > area("deterministic"), "{areas:?}");
    }
}
