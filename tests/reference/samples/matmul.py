"""Matrix products."""
import torch

from fixture import Floats, Given, nan


def add(cases):
    def sample(name, a, b, layout_a="contiguous", layout_b="contiguous"):
        cases.add("matmul", name, torch.matmul,
                  [Floats(*a, layout=layout_a), Floats(*b, layout=layout_b)])
    sample("matrices", (2, 3), (3, 2))
    sample("one by one", (1, 1), (1, 1))
    sample("odd sizes", (5, 7), (7, 3))
    sample("vectors", (3,), (3,))
    sample("row by matrix", (3,), (3, 2))
    sample("matrix by column", (2, 3), (3,))
    sample("row by batch", (2,), (2, 2, 3))
    sample("batch by column", (2, 3, 2), (2,))
    sample("batch", (2, 2, 3), (2, 3, 2))
    sample("batch by matrix", (2, 2, 3), (3, 2))
    sample("matrix by batch", (2, 3), (2, 3, 1))
    sample("batches broadcast", (2, 1, 1, 2), (3, 2, 2))
    sample("batch of one broadcast", (1, 2, 2), (3, 2, 1))
    sample("left transposed", (2, 3), (3, 2), "transposed")
    sample("right transposed", (2, 3), (3, 2), "contiguous", "transposed")
    sample("both transposed", (3, 2), (2, 3), "transposed", "transposed")
    sample("sliced", (2, 3), (3, 2), "sliced", "sliced")
    sample("batch transposed", (2, 2, 3), (2, 3, 2), "transposed", "sliced")
    sample("column sliced", (2, 3), (3,), "transposed", "sliced")
    sample("expanded", (2, 3), (3, 2), "expanded", "expanded")
    sample("batch expanded", (2, 2, 2), (2, 2, 1), "expanded")
    sample("inner size 0", (2, 0), (0, 3))
    sample("no rows", (0, 3), (3, 2))
    sample("no columns", (2, 3), (3, 0))
    sample("no batch", (0, 2, 3), (3, 2))
    sample("empty vectors", (0,), (0,))
    sample("batch with inner size 0", (2, 2, 0), (2, 0, 1))
    cases.add("matmul", "NaN by zero", torch.matmul,
              [Given([[nan, 1.0], [0.0, 1.0]]), Given([[0.0], [0.0]])], gradcheck=False)
