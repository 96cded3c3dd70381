#!/usr/bin/env bash
# torchmetrics 1.9.0: the AUROC of the same scores differs with how they are cut into batches.
#
# Guess beforehand: AUROC depends on the order of all scores alone; feeding eight predictive entropies in one update or
# in two gives the same number, that of the definition (pairs of a wrong and a right prediction in which the wrong one
# has the higher score).
#
# Seen: BinaryAUROC takes scores for probabilities as long as all of an update lie within 0 and 1, and otherwise passes
# that update, and no other, through a sigmoid. Entropies of ten classes reach 2.3 nats: an update without a value above
# 1 keeps its values, another's are squeezed to between 0.5 and 1, and the two are then ranked against each other.
# Output seen:
#
#     definition        0.8667
#     one update        0.8667
#     two updates       0.7333
#
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0 torchmetrics==1.9.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torchmetrics.classification import BinaryAUROC

entropy = torch.tensor([0.2, 0.9, 0.4, 0.7, 1.2, 0.95, 1.6, 0.5])
wrong = torch.tensor([0, 0, 0, 1, 1, 0, 1, 0])
pairs = [(a > b).item() for a in entropy[wrong == 1] for b in entropy[wrong == 0]]
definition = sum(pairs) / len(pairs)


def auroc(batches):
    metric = BinaryAUROC()
    for scores, labels in zip(entropy.split(batches), wrong.split(batches)):
        metric.update(scores, labels)
    return metric.compute().item()


whole, halves = auroc(8), auroc(4)
print(f"definition        {definition:.4f}\none update        {whole:.4f}\ntwo updates       {halves:.4f}")
assert abs(whole - definition) < 1e-6 and abs(halves - definition) > 0.1, "no longer so"
PYTHON
