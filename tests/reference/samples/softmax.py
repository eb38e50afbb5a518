"""softmax and log_softmax."""
import torch

from fixture import Floats, Given, inf, nan


def add(cases):
    for op in ("softmax", "log_softmax"):
        function = getattr(torch, op)

        def sample(name, x, dim, **more):
            cases.add(op, name, function, [x], {"dim": dim}, **more)
        sample("rows", Floats(2, 3), 1)
        sample("columns", Floats(3, 2), 0)
        sample("negative dim", Floats(2, 3), -1)
        sample("middle of three", Floats(2, 3, 2), 1)
        sample("four dimensions", Floats(1, 2, 2, 2), -1)
        sample("one dimension", Floats(5), 0)
        sample("scalar", Floats(), 0)
        sample("one column", Floats(3, 1), 1)
        sample("no rows", Floats(0, 3), 1)
        sample("along an empty dim", Floats(2, 0), 1)
        sample("transposed", Floats(3, 2, layout="transposed"), 1)
        sample("sliced", Floats(2, 3, layout="sliced"), 1)
        sample("expanded", Floats(2, 3, layout="expanded"), 0)
        sample("large", Given([[1e4, 0.0, -1e4], [1e4, 1e4, 9999.0]]), 1, gradcheck=False)
        sample("masked entries", Given([[-inf, 1.0, 2.0], [0.5, -inf, -inf]]), 1, gradcheck=False)
        for name, row in (("minus infinity", [-inf, -inf]), ("infinity", [inf, 1.0]),
                          ("NaN", [nan, 1.0])):
            sample(f"{name} beside a finite row", Given([row, [0.5, 1.0]], grad=False), 1)
