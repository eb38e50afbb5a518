"""max, min, amax, amin, median, argmax, argmin, topk, sort."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan

INPUTS = [("rows", Floats(2, 3), 1), ("columns", Floats(3, 2), 0),
          ("negative dim", Floats(2, 3), -1),
          ("middle of three", Floats(2, 3, 2), 1), ("one dimension", Floats(4), 0),
          ("scalar", Floats(), 0), ("transposed", Floats(3, 2, layout="transposed"), 0),
          ("sliced", Floats(2, 3, layout="sliced"), 1), ("no rows", Floats(0, 3), 1),
          ("integers", ints([[3, 5, 5], [-1, 0, -7]]), 1)]


def extremum(cases, op):
    function = getattr(torch, op)
    for name, x, dim in INPUTS:
        cases.add(op, name, function, [x], {"dim": dim})
    cases.add(op, "kept", function, [Floats(2, 3)], {"dim": 1, "keepdim": True})
    cases.add(op, "lowest index of ties", function, [Given([[1.0, 2.0, 2.0], [1.0, 1.0, 3.0]])],
              {"dim": 1}, gradcheck=False)
    cases.add(op, "the first NaN wins", function, [Given([[1.0, nan, nan], [-inf, inf, 0.0]])],
              {"dim": 1}, gradcheck=False)
    cases.add(op, "all", function, [Floats(2, 3)])
    cases.add(op, "all of a scalar", function, [Floats()])
    cases.add(op, "all of a transposed", function, [Floats(3, 2, layout="transposed")])
    cases.add(op, "all integers", function, [ints([[3, 5], [5, -1]])])
    cases.add(op, "all with ties", function, [Given([[3.0, 1.0], [1.0, 3.0]])], gradcheck=False)
    cases.add(op, "all with NaN", function, [Given([1.0, nan, 5.0], grad=False)])
    cases.add(op, "all infinite", function, [Given([-inf, -inf])], gradcheck=False)


def topks(cases):
    def sample(name, x, args, **more):
        cases.add("topk", name, torch.topk, [x], args, **more)
    sample("one dimension", Floats(5), {"k": 3})
    sample("rows", Floats(2, 4), {"k": 2})
    sample("columns", Floats(4, 2), {"k": 2, "dim": 0})
    sample("smallest", Floats(2, 4), {"k": 2, "largest": False})
    sample("all", Floats(3), {"k": 3})
    sample("none", Floats(2, 3), {"k": 0})
    sample("middle of three", Floats(2, 3, 2), {"k": 2, "dim": -2})
    sample("scalar", Floats(), {"k": 1})
    sample("no rows", Floats(0, 3), {"k": 2})
    sample("transposed", Floats(3, 2, layout="transposed"), {"k": 1})
    sample("sliced", Floats(2, 4, layout="sliced"), {"k": 2})
    sample("integers", ints([4, -2, 9]), {"k": 2})
    sample("NaN is the greatest", Given([1.0, nan, 3.0, inf]), {"k": 2}, gradcheck=False)


def sorts(cases):
    def sort(x, dim=-1, descending=False):
        return torch.sort(x, dim=dim, descending=descending, stable=True)

    def sample(name, x, args=None, **more):
        cases.add("sort", name, sort, [x], args, **more)
    sample("one dimension", Floats(5))
    sample("rows", Floats(2, 3))
    sample("columns", Floats(3, 2), {"dim": 0})
    sample("descending", Floats(2, 3), {"descending": True})
    sample("middle of three", Floats(2, 3, 2), {"dim": 1})
    sample("scalar", Floats())
    sample("no rows", Floats(0, 3))
    sample("along an empty dim", Floats(2, 0))
    sample("transposed", Floats(3, 2, layout="transposed"))
    sample("sliced", Floats(2, 3, layout="sliced"), {"dim": -1})
    sample("stable", Given([1.0, 0.0, 1.0, 0.0, 1.0]), gradcheck=False)
    sample("stable, descending", Given([1.0, 0.0, 1.0, 0.0, 1.0]), {"descending": True},
           gradcheck=False)
    sample("NaN is the greatest", Given([nan, 1.0, inf, -inf]), gradcheck=False)
    sample("NaN first, descending", Given([1.0, nan, inf, -inf]), {"descending": True},
           gradcheck=False)
    sample("integers", ints([[3, -1, 2], [0, 5, 5]]))
    sample("bools", bools([True, False, True]))


def medians(cases):
    for name, x, dim in INPUTS:
        if name != "integers":  # of equal elements PyTorch takes any
            cases.add("median", name, torch.median, [x], {"dim": dim})

    def sample(name, x, args=None, **more):
        cases.add("median", name, torch.median, [x], args, **more)
    sample("kept", Floats(2, 4), {"dim": 1, "keepdim": True})
    sample("integers", ints([[3, 5, 4, -1], [-1, 0, -7, 8]]), {"dim": 1})
    sample("the first NaN wins", Given([[1.0, nan, 0.0, nan], [-inf, inf, 0.0, 2.0]]), {"dim": 1},
           gradcheck=False)
    sample("all, odd", Floats(5))
    sample("all, even", Floats(2, 3))
    sample("all of a scalar", Floats())
    sample("all of a transposed", Floats(3, 2, layout="transposed"))
    sample("all integers", ints([[3, 5], [5, -1]]))
    sample("all with ties", Given([[3.0, 1.0, 3.0], [1.0, 3.0, 7.0]]), gradcheck=False)
    sample("all with one NaN", Given([1.0, nan, 5.0, 2.0]), gradcheck=False)
    sample("all with two NaN", Given([1.0, nan, 5.0, nan]), gradcheck=False)


def amosts(cases, op):
    def along(x, dims=(), keepdim=False, function=getattr(torch, op)):
        return function(x, dim=tuple(dims), keepdim=keepdim)

    def sample(name, x, dims=None, **more):
        args = {} if dims is None else {"dims": dims}
        keepdim = more.pop("keepdim", False)
        cases.add(op, name, along, [x], {**args, "keepdim": True} if keepdim else args, **more)
    sample("all", Floats(2, 3))
    sample("all of a scalar", Floats())
    sample("rows", Floats(2, 3), [1])
    sample("columns, kept", Floats(3, 2), [0], keepdim=True)
    sample("two dims", Floats(2, 3, 2), [0, 1])
    sample("two dims apart", Floats(2, 2, 3), [-1, 0])
    sample("two dims apart, kept", Floats(2, 2, 3), [0, 2], keepdim=True)
    sample("ties share", Given([[1.0, 2.0, 2.0], [1.0, 1.0, 1.0]]), [1], gradcheck=False)
    sample("ties over all", Given([[3.0, 1.0], [1.0, 3.0]]), gradcheck=False)
    sample("NaN wins", Given([[1.0, nan], [-inf, inf]], grad=False), [1])
    sample("no rows", Floats(0, 3), [1])
    sample("transposed", Floats(3, 2, layout="transposed"), [0])
    sample("sliced", Floats(2, 3, layout="sliced"), [1])
    sample("integers", ints([[3, 5, 5], [-1, 0, -7]]), [1])


def add(cases):
    for op in ("max", "min", "argmax", "argmin"):
        extremum(cases, op)
    for op in ("max", "min"):
        cases.add(op, "no columns along rows", getattr(torch, op), [Floats(3, 0)], {"dim": 0})
    for op in ("argmax", "argmin"):
        cases.add(op, "no columns along rows", getattr(torch, op), [Floats(3, 0)], {"dim": 0})
    for op in ("amax", "amin"):
        amosts(cases, op)
    medians(cases)
    topks(cases)
    sorts(cases)
