"""Writes ops.json: every op's outputs and gradients by PyTorch, in float64."""
import warnings

import torch

from fixture import Cases, write
from samples import (activation, attention, compare, elementwise, extremum, further, index, join,
                     loss, matmul, normalize, reduce, rotary, select, softmax, view)

GROUPS = (elementwise, activation, compare, select, reduce, extremum, matmul, softmax, view, join,
          index, normalize, attention, rotary, loss, further)


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    cases = Cases()
    for group in GROUPS:
        group.add(cases)
    counts = {}
    for case in cases.items:
        counts[case["op"]] = counts.get(case["op"], 0) + 1
    few = [op for op, count in counts.items() if count < 8]
    assert not few, few
    print(f"{len(counts)} ops")
    write("ops.json", cases.items)


if __name__ == "__main__":
    main()
