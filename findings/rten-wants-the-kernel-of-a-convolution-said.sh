#!/usr/bin/env bash
# Guess, written down first: kernel_shape, dilations, pads and strides of Conv are optional in ONNX and follow from the
# weights, so a Conv without any attribute runs in rten as it does in onnxruntime.
#
# Seen with rten 0.27.0, onnx 1.23.2 and onnxruntime 1.32.0: onnx's own checker accepts the model, onnxruntime runs it,
# rten loads it and then refuses to run: "expected 2 stride values". Without kernel_shape it takes the convolution to
# have no spatial sides, and makes its defaults for none. With kernel_shape alone it runs, and the numbers are the same.
#
# It matters because a network that loads is taken to run: hand-written exporters and graph surgery leave these out.
#
# Needs python3 with venv and pip, cargo, a network connection and some two minutes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$work/python/bin/python" - "$work" <<'PYTHON'
import sys
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
weight = numpy.arange(9, dtype=numpy.float32).reshape(1, 1, 3, 3)
image = numpy.arange(25, dtype=numpy.float32).reshape(1, 1, 5, 5)
for name, settings in (("silent", {}), ("said", {"kernel_shape": [3, 3]})):
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], name="convolution", **settings)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 5, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 3, 3])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{folder}/{name}.onnx")
    session = onnxruntime.InferenceSession(f"{folder}/{name}.onnx", providers=["CPUExecutionProvider"])
    print(f"onnxruntime, {name}: sum {session.run(None, {'x': image})[0].sum():.0f}")
PYTHON

mkdir -p "$work/runs/src"
cat > "$work/runs/Cargo.toml" <<'TOML'
[package]
name = "runs"
version = "0.0.0"
edition = "2024"

[dependencies]
rten = { version = "=0.27.0", default-features = false, features = ["onnx_format"] }
rten-tensor = "=0.27.0"
TOML
cat > "$work/runs/src/main.rs" <<'RUST'
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

fn main() {
    for name in ["silent", "said"] {
        let path = format!("{}/{name}.onnx", std::env::args().nth(1).unwrap());
        let model = rten::Model::load_file(path).expect("both load");
        let image = Tensor::from_data(&[1, 1, 5, 5], (0..25).map(|value| value as f32).collect::<Vec<_>>());
        match model.run_one(image.view().into(), None) {
            Ok(value) => {
                let answer: Tensor<f32> = value.try_into().unwrap();
                println!("rten, {name}: sum {}", answer.iter().sum::<f32>());
            }
            Err(error) => println!("rten, {name}: {error}"),
        }
    }
}
RUST
seen=$(cargo run --quiet --manifest-path "$work/runs/Cargo.toml" -- "$work")
echo "$seen"
echo "$seen" | grep -q 'rten, silent: .*expected 2 stride values'
echo "$seen" | grep -q 'rten, said: sum '
echo "as described"
