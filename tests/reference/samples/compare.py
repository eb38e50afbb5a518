"""Comparisons and logic: bool results without gradients."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan


def comparison(cases, op):
    function = getattr(torch, op)
    pairs = [("plain", (2, 3), (2, 3)), ("row broadcast", (2, 3), (3,)), ("scalars", (), ()),
             ("column by row", (2, 1), (1, 3)), ("no elements", (0, 3), (1, 3)),
             ("higher", (2, 1, 2), (3, 1))]
    for name, a, b in pairs:
        cases.add(op, name, function, [Floats(*a, grad=False), Floats(*b, grad=False)])
    cases.add(op, "transposed", function, [Given([[1, 2], [3, 4], [5, 6]], layout="transposed",
                                                 grad=False),
                                           Given([[1, 3], [2, 4], [5, 7]], grad=False)])
    cases.add(op, "sliced by expanded", function,
              [Given([[1, 2], [3, 2]], layout="sliced", grad=False),
               Given([[2, 2], [2, 2]], layout="expanded", grad=False)])
    cases.add(op, "NaN and infinities", function,
              [Given([nan, nan, 1, inf, -inf, 0.0], grad=False),
               Given([nan, 1, nan, inf, inf, -0.0], grad=False)])
    cases.add(op, "integers", function, [ints([1, 2, 3, 2 ** 62]), ints([1, 3, 2, 2 ** 62])])
    cases.add(op, "number", lambda x, scalar: function(x, scalar),
              [Given([[1, 2], [3, nan]], grad=False)], {"scalar": 2.0})
    cases.add(op, "integers with a number", lambda x, scalar: function(x, scalar),
              [ints([1, 2, 3])], {"scalar": 2})


def logic(cases):
    for op in ("logical_and", "logical_or", "logical_xor"):
        function = getattr(torch, op)
        both = [bools([True, True, False, False]), bools([True, False, True, False])]
        cases.add(op, "plain", function, both)
        cases.add(op, "scalars", function, [bools(True), bools(False)])
        cases.add(op, "row broadcast", function,
                  [bools([[True, False], [False, False]]), bools([True, False])])
        cases.add(op, "column by row", function, [bools([[True], [False]]), bools([[True, False]])])
        cases.add(op, "no elements", function, [bools([], [0, 2]), bools([True, False])])
        cases.add(op, "transposed", function,
                  [bools([[True, False], [True, True], [False, False]], layout="transposed"),
                   bools([[True, True], [False, True], [True, False]])])
        cases.add(op, "sliced", function, [bools([True, False, True], layout="sliced"),
                                           bools([True, True, False], layout="sliced")])
        cases.add(op, "higher", function, [bools([[[True]], [[False]]]),
                                           bools([[[True], [False]], [[True], [True]]])])


def tests_of_one(cases):
    one = [("plain", Given([[1.5, 0.0], [nan, inf]], grad=False)),
           ("scalar", Given(0.0, grad=False)),
           ("no elements", Floats(0, 2, grad=False)), ("integers", ints([0, 3, -1])),
           ("bools", bools([True, False])),
           ("transposed", Given([[0, nan], [1, 0], [0, -inf]], layout="transposed", grad=False)),
           ("sliced", Given([0.0, nan, 2, 0], layout="sliced", grad=False)),
           ("higher", Given([[[0.0, -0.0]], [[-inf, 1]]], grad=False)),
           ("all set", Given([[1.0, 2.0]], grad=False)),
           ("all zero", Given([0.0, 0.0], grad=False))]
    for op in ("any", "all"):
        def along(x, dims, keepdim=False, function=getattr(torch, op)):
            return function(x, dim=tuple(dims), keepdim=keepdim)
        for dims in ([1], [-2], [0, 1]):
            for keepdim in (False, True):
                cases.add(op, f"along {dims}, {'kept' if keepdim else 'dropped'}", along,
                          [Given([[1.5, 0.0, 2.0], [nan, inf, 1.0]], grad=False)],
                          {"dims": dims, "keepdim": keepdim})
        cases.add(op, "along an empty dim", along, [Floats(2, 0, grad=False)], {"dims": [1]})
    for op in ("logical_not", "isnan", "isfinite", "any", "all"):
        for name, x in one:
            cases.add(op, name, getattr(torch, op), [x])


def closeness(cases):
    def sample(name, a, b, args=None):
        cases.add("isclose", name, lambda a, b, **args: torch.isclose(a, b, **args), [a, b], args)
    near = [1.0, 1.000001, 1.1, -2.0]
    odd, others = [nan, nan, inf, inf, -inf, 0.0], [nan, 1.0, inf, -inf, 2.0, -0.0]

    def given(values, **more):
        return Given(values, grad=False, **more)
    sample("plain", given(near), given([1.0, 1.0, 1.0, 2.0]))
    sample("wide", given(near), given([1.5, 1.0, 1.0, 2.0]), {"rtol": 0.2})
    sample("absolute", given(near), given(1.04), {"rtol": 0.0, "atol": 0.07})
    sample("NaN and infinities", given(odd), given(others))
    sample("equal NaN", given(odd), given(others), {"equal_nan": True})
    sample("integers", ints([1, 2, 100, -7]), ints([1, 3, 101, 7]))
    sample("integers, wide", ints([[1, 2], [100, -7]]), ints([1, 3]), {"rtol": 0.0, "atol": 1.0})
    sample("column by row", Floats(2, 1, grad=False), Floats(1, 3, grad=False), {"atol": 1.0})
    sample("scalars", given(1.0), given(1.0))
    sample("no elements", Floats(0, 3, grad=False), Floats(3, grad=False))
    sample("transposed by sliced", given([[1, 2], [3, 4]], layout="transposed"),
           given([[1, 3], [3, 4]], layout="sliced"))


def add(cases):
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        comparison(cases, op)
    logic(cases)
    tests_of_one(cases)
    closeness(cases)
