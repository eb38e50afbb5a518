"""Samples that every element-wise op gets: layouts, broadcasts, no elements, no dimensions."""
from fixture import Floats


def unary(cases, op, function, low=-2, high=2, away_from=(), args=None, prefix=""):
    def sample(name, *shape, layout="contiguous"):
        x = Floats(*shape, low=low, high=high, layout=layout, away_from=away_from)
        cases.add(op, prefix + name, function, [x], args)
    sample("plain", 2, 3)
    sample("one dimension", 5)
    sample("scalar", )
    sample("no rows", 0, 3)
    sample("no columns", 2, 0)
    sample("transposed", 3, 2, layout="transposed")
    sample("sliced", 2, 3, layout="sliced")
    sample("four dimensions", 2, 1, 2, 2)
    sample("expanded", 2, 3, layout="expanded")


def binary(cases, op, function, low=-2, high=2, low_b=None, high_b=None, grad=True):
    low_b = low if low_b is None else low_b
    high_b = high if high_b is None else high_b

    def sample(name, shape_a, shape_b, layout_a="contiguous", layout_b="contiguous"):
        a = Floats(*shape_a, low=low, high=high, layout=layout_a, grad=grad)
        b = Floats(*shape_b, low=low_b, high=high_b, layout=layout_b, grad=grad)
        cases.add(op, name, function, [a, b])
    sample("plain", (2, 3), (2, 3))
    sample("scalars", (), ())
    sample("scalar on the right", (2, 2), ())
    sample("scalar on the left", (), (3,))
    sample("row broadcast", (2, 3), (3,))
    sample("column by row", (2, 1), (1, 3))
    sample("left broadcast", (3,), (2, 3))
    sample("no elements", (0, 3), (0, 3))
    sample("no elements, broadcast", (2, 0), (2, 1))
    sample("transposed", (3, 2), (3, 2), "transposed")
    sample("sliced", (4,), (4,), "sliced", "sliced")
    sample("three dimensions, both broadcast", (2, 1, 2), (3, 1))
    sample("transposed by expanded", (3, 2), (3, 2), "transposed", "expanded")
