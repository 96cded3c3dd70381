#!/usr/bin/env bash
# cleanlab 2.9.0: confidence_weighted_entropy calls the surest right predictions the likeliest label errors.
#
# Guess beforehand: the score rises from 0 (likely mislabelled) to 1 (clean) with the probability of the given label; a
# network that gives the label a probability of 1 gets the best score.
#
# Seen: the score is ln(1 + x)/max(x, 1e-6), where x is the normalised entropy divided by the probability of the label.
# It tends to 1 as x becomes small, until x falls below 1e-6: there the divisor no longer shrinks, and the score
# falls to exactly 0 for a label with a probability of 1, the same as for a label with a probability of 0. Of 100
# lowest scores on MNIST with a well-trained network, 96 belonged to right predictions above 0.999999. The other
# two scores are not affected. Output seen:
#
#     probability of the label          1  0.999999999  0.999999   0.99    0.9    0.1
#     confidence_weighted_entropy  0.0000       0.0313    1.0000 0.9613 0.8049 0.3707
#     normalized_margin            1.0000       1.0000    1.0000 0.9900 0.9000 0.1000
#
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cleanlab==2.9.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
from cleanlab.rank import get_label_quality_scores

given = [1, 0.999999999, 0.999999, 0.99, 0.9, 0.1]
probabilities = numpy.array([[p, 1 - p] for p in given])
labels = numpy.zeros(len(given), dtype=int)
widths = [7, 12, 9, 6, 6, 6]
print("probability of the label    ", *(f"{p:>{width}.9g}" for p, width in zip(given, widths)), sep=" ")
scores = {}
for method in ("confidence_weighted_entropy", "normalized_margin"):
    scores[method] = get_label_quality_scores(labels, probabilities, method=method)
    print(f"{method:<28}", *(f"{score:>{width}.4f}" for score, width in zip(scores[method], widths)), sep=" ")
weighted = scores["confidence_weighted_entropy"]
assert (numpy.diff(scores["normalized_margin"]) <= 0).all(), "the surer, the better"
assert weighted[0] == 0 and weighted[1] < weighted[-1] < weighted[3], "no longer so"
PYTHON
