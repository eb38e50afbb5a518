"""cat, stack, and copies."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan
from samples.shapes import unary


def joins(cases):
    def cat(name, tensors, dim=None):
        args = {} if dim is None else {"dim": dim}
        cases.add("cat", name, lambda *xs, dim=0: torch.cat(xs, dim), tensors, args)

    def stack(name, tensors, dim=None):
        args = {} if dim is None else {"dim": dim}
        cases.add("stack", name, lambda *xs, dim=0: torch.stack(xs, dim), tensors, args)
    cat("rows", [Floats(1, 2), Floats(2, 2)])
    cat("columns", [Floats(2, 1), Floats(2, 2)], 1)
    cat("negative dim", [Floats(2, 2), Floats(2, 1)], -1)
    cat("one", [Floats(2, 2)])
    cat("three", [Floats(2), Floats(1), Floats(3)])
    cat("middle of three", [Floats(2, 1, 2), Floats(2, 2, 2)], 1)
    cat("one-dimensional empties skipped", [Floats(0), Floats(2, 2), Floats(0)])
    cat("no rows", [Floats(0, 2), Floats(1, 2)])
    cat("no elements", [Floats(2, 0), Floats(1, 0)])
    cat("transposed", [Floats(3, 2, layout="transposed"), Floats(1, 2)])
    cat("sliced", [Floats(2, 2, layout="sliced"), Floats(2, 1, layout="expanded")], 1)
    cat("one wants no gradient", [Floats(2), Floats(2, grad=False)])
    cat("integers", [ints([1, 2]), ints([3])])
    cat("bools", [bools([[True]]), bools([[False]])], 1)
    stack("front", [Floats(2, 2), Floats(2, 2)])
    stack("back", [Floats(2, 2), Floats(2, 2)], -1)
    stack("middle", [Floats(2, 2), Floats(2, 2), Floats(2, 2)], 1)
    stack("one", [Floats(3)])
    stack("scalars", [Floats(), Floats(), Floats()])
    stack("no elements", [Floats(0, 2), Floats(0, 2)], 1)
    stack("transposed", [Floats(3, 2, layout="transposed"), Floats(3, 2)], 2)
    stack("sliced", [Floats(3, layout="sliced"), Floats(3, layout="sliced")], 1)
    stack("integers", [ints([1, 2]), ints([3, 4])])


def copies(cases):
    unary(cases, "clone", torch.clone)
    unary(cases, "contiguous", lambda x: x.contiguous())
    unary(cases, "alias", lambda x: x.view_as(x))
    types = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64,
             "bool": torch.bool}

    def to(name, x, dtype, **more):
        cases.add("to", name, lambda x, dtype: x.to(types[dtype]), [x], {"dtype": dtype}, **more)
    to("float64", Floats(2, 3), "float64")
    to("float64, transposed", Floats(3, 2, layout="transposed"), "float64")
    to("float64, scalar", Floats(), "float64")
    to("float64, no elements", Floats(0, 3), "float64")
    to("float32", Floats(2, 2), "float32", gradcheck=False)
    to("float32, sliced", Floats(4, layout="sliced"), "float32", gradcheck=False)
    to("float32, beyond its range", Given([1e300, -1e300, nan], grad=False), "float32")
    to("int64 truncates", Given([1.9, -1.9, 0.5, -0.0], grad=False), "int64")
    to("bool", Given([0.0, -0.0, 0.5, nan, -inf], grad=False), "bool")
    to("int64 to float64", ints([[1, -2], [3, 2 ** 40]]), "float64")
    to("int64 to bool", ints([0, 2, -1]), "bool")
    to("bool to float64", bools([[True, False]]), "float64")
    to("bool to int64", bools([True, False, True], layout="sliced"), "int64")
    to("int64 to float32", ints([[1, 2], [3, 4]], layout="transposed"), "float32")


def add(cases):
    joins(cases)
    copies(cases)
