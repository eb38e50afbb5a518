"""sum, mean, prod, var, std, norm, logsumexp, cumsum."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan

FAR = [10000 + k / 1024 for k in (-2, -1, 0, 1, 2, 3)]  # exact in float32, variance near 1e-6


def over(function):
    """`function` with the argument named dims, over all dimensions where it is not given."""
    def call(x, dims=None, keepdim=False, **more):
        return function(x, dim=dims, keepdim=keepdim, **more)
    return call


def common(cases, op, function, extra=None):
    def sample(name, x, args=None, **more):
        cases.add(op, name, function, [x], {**(extra or {}), **(args or {})}, **more)
    sample("rows", Floats(2, 3), {"dims": [1]})
    sample("columns, kept", Floats(2, 3), {"dims": [0], "keepdim": True})
    sample("negative dim", Floats(2, 3), {"dims": [-1]})
    sample("two dims", Floats(2, 2, 2), {"dims": [0, 2]})
    sample("two dims, kept, out of order", Floats(2, 2, 2), {"dims": [2, 0], "keepdim": True})
    sample("middle of four", Floats(2, 2, 1, 2), {"dims": [1]})
    sample("scalar along 0", Floats(low=0.5), {"dims": [0]}, gradcheck=op != "std")
    sample("transposed", Floats(3, 2, layout="transposed"), {"dims": [0]})
    sample("sliced", Floats(2, 3, layout="sliced"), {"dims": [-1]})
    sample("expanded", Floats(2, 3, layout="expanded"), {"dims": [0]})
    sample("no batch", Floats(0, 3), {"dims": [1]})


def over_all(cases, op, function):
    cases.add(op, "all", function, [Floats(2, 3)])
    cases.add(op, "all of a scalar", function, [Floats(low=0.5)])
    cases.add(op, "all of a transposed", function, [Floats(3, 2, layout="transposed")])


def sums(cases):
    for op, function in (("sum", over(torch.sum)), ("mean", over(torch.mean))):
        over_all(cases, op, function)
        common(cases, op, function)
        cases.add(op, "nothing", function, [Floats(0)], gradcheck=False)
        cases.add(op, "along an empty dim", function, [Floats(2, 0)], {"dims": [1]},
                  gradcheck=False)
        cases.add(op, "NaN and infinities", function, [Given([[nan, 1], [inf, 1], [inf, -inf]])],
                  {"dims": [1]}, gradcheck=False)
    cases.add("sum", "all dims kept", over(torch.sum), [Floats(2, 2)],
              {"dims": [0, 1], "keepdim": True})
    cases.add("sum", "integers", over(torch.sum), [ints([[1, 2], [3, 2 ** 40]])], {"dims": [0]})
    cases.add("sum", "bools", over(torch.sum), [bools([[True, False], [True, True]])],
              {"dims": [0]})
    cases.add("sum", "all bools", over(torch.sum), [bools([True, False, True])])


def means_of_bools(cases):
    def mean(x, dims=None):
        return torch.mean(x.float(), dim=dims)
    cases.add("mean", "all bools", mean, [bools([True, False, True, True])])
    cases.add("mean", "bools", mean, [bools([[True, False], [True, True]])], {"dims": [0]})


def prods(cases):
    def prod(x, dim=None, keepdim=False):
        return torch.prod(x) if dim is None else torch.prod(x, dim, keepdim)

    def sample(name, x, args=None, **more):
        cases.add("prod", name, prod, [x], args, **more)
    sample("all", Floats(2, 3))
    sample("all of a scalar", Floats())
    sample("scalar along 0", Floats(), {"dim": 0})
    sample("rows", Floats(2, 5), {"dim": 1})
    sample("columns, kept", Floats(4, 2), {"dim": 0, "keepdim": True})
    sample("middle of three", Floats(2, 3, 2), {"dim": -2})
    sample("one element", Floats(2, 1), {"dim": 1})
    sample("transposed", Floats(3, 2, layout="transposed"), {"dim": 0})
    sample("sliced", Floats(2, 3, layout="sliced"), {"dim": 1})
    sample("expanded", Floats(2, 3, layout="expanded"), {"dim": 0})
    sample("no batch", Floats(0, 3), {"dim": 1})
    sample("nothing", Floats(0), gradcheck=False)
    sample("along an empty dim", Floats(2, 0), {"dim": 1}, gradcheck=False)
    sample("a zero, and two", Given([[2.0, 0.0, 3.0], [0.0, 0.0, 3.0]]), {"dim": 1})
    sample("integers", ints([[1, 2], [3, -4]]), {"dim": 0})
    sample("bools", bools([True, False, True]))


def vars_(cases):
    for op in ("var", "std"):
        spreads(cases, op, over(getattr(torch, op)))
    cases.add("std", "of equal numbers", over(torch.std), [Given([[2.0, 2.0], [1.0, 3.0]])],
              {"dims": [1]}, gradcheck=False)


def spreads(cases, op, var):
    cases.add(op, "all", var, [Floats(2, 3)])
    common(cases, op, var, {"correction": 0})
    cases.add(op, "correction 1 along rows", var, [Floats(2, 3)], {"dims": [1], "correction": 1})
    cases.add(op, "correction 1 by default", var, [Floats(3, 2)], {"dims": [0], "keepdim": True})
    cases.add(op, "correction 2.5", var, [Floats(5)], {"dims": [0], "correction": 2.5})
    cases.add(op, "one element", var, [Floats(2, 1)], {"dims": [1]}, gradcheck=False)
    cases.add(op, "nothing", var, [Floats(0)], gradcheck=False)
    cases.add(op, "large mean, small variance", var, [Given([FAR])], {"dims": [1]},
              gradcheck=False, float32=True)


def norms(cases):
    def norm(x, p=2.0, dims=None, keepdim=False):
        return torch.linalg.vector_norm(x, p, dim=dims, keepdim=keepdim)
    over_all(cases, "norm", norm)
    common(cases, "norm", norm, {"p": 2})
    for p in (1, 3, inf):
        cases.add("norm", f"p {p}", norm, [Floats(2, 3)], {"p": p})
        cases.add("norm", f"p {p} along rows", norm, [Floats(2, 3)], {"p": p, "dims": [1]})
        cases.add("norm", f"p {p} of zeros", norm, [Given([0.0, 0.0])], {"p": p}, gradcheck=False)
        cases.add("norm", f"p {p} with a zero", norm, [Given([0.0, 1.5, -2.0])], {"p": p},
                  gradcheck=False)
    cases.add("norm", "p 1 kept", norm, [Floats(2, 2)], {"p": 1, "dims": [0], "keepdim": True})
    cases.add("norm", "of zeros", norm, [Given([[0.0, 0.0], [3.0, 4.0]])], {"p": 2, "dims": [1]},
              gradcheck=False)
    cases.add("norm", "infinity norm with ties", norm, [Given([2.0, -2.0, 1.0])], {"p": inf},
              gradcheck=False)
    cases.add("norm", "nothing", norm, [Floats(0)], gradcheck=False)
    cases.add("norm", "NaN", norm, [Given([nan, 1.0])], gradcheck=False)


def logsumexps(cases):
    logsumexp = over(torch.logsumexp)
    common(cases, "logsumexp", logsumexp)
    cases.add("logsumexp", "large", logsumexp, [Given([[1000.0, 1000.0], [-1000.0, -1001.0]])],
              {"dims": [1]}, gradcheck=False)
    cases.add("logsumexp", "minus infinity", logsumexp, [Given([[-inf, 1.0], [0.5, -inf]])],
              {"dims": [1]}, gradcheck=False)
    cases.add("logsumexp", "all minus infinity", logsumexp,
              [Given([[-inf, -inf]], grad=False)], {"dims": [1]})
    cases.add("logsumexp", "infinity and NaN", logsumexp,
              [Given([[inf, 1.0], [nan, 1.0]], grad=False)], {"dims": [1]})
    cases.add("logsumexp", "along an empty dim", logsumexp, [Floats(2, 0)], {"dims": [1]},
              gradcheck=False)


def cumsums(cases):
    def sample(name, x, dim, **more):
        cases.add("cumsum", name, torch.cumsum, [x], {"dim": dim}, **more)
    sample("one dimension", Floats(4), 0)
    sample("rows", Floats(2, 3), 1)
    sample("columns", Floats(3, 2), 0)
    sample("negative dim", Floats(2, 3), -1)
    sample("middle of three", Floats(2, 3, 2), 1)
    sample("scalar", Floats(), 0)
    sample("no elements", Floats(0, 3), 1)
    sample("along an empty dim", Floats(2, 0), 1)
    sample("transposed", Floats(3, 2, layout="transposed"), 0)
    sample("sliced", Floats(2, 3, layout="sliced"), 1)
    sample("expanded", Floats(2, 3, layout="expanded"), 0)
    sample("NaN", Given([1.0, nan, 2.0]), 0, gradcheck=False)
    sample("integers", ints([[1, 2], [3, 4]]), 0)
    sample("bools", bools([True, False, True, True]), 0)


def add(cases):
    sums(cases)
    means_of_bools(cases)
    prods(cases)
    vars_(cases)
    norms(cases)
    logsumexps(cases)
    cumsums(cases)
