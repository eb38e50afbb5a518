"""Views: the same numbers seen otherwise."""
import torch

from fixture import Floats, bools, ints


def view_op(cases, op, function, samples):
    for name, x, args in samples:
        cases.add(op, name, function, [x], args)


def shapes(cases):
    common = [("rows to one", Floats(2, 3), {"shape": [6]}),
              ("inferred size", Floats(2, 3), {"shape": [3, -1]}),
              ("higher", Floats(2, 2, 2), {"shape": [2, 1, 4]}),
              ("scalar to one", Floats(), {"shape": [1]}),
              ("one to scalar", Floats(1, 1), {"shape": []}),
              ("no elements", Floats(0, 3), {"shape": [3, 0]}),
              ("inferred beside no elements", Floats(0, 3), {"shape": [-1, 3]}),
              ("integers", ints([[1, 2], [3, 4]]), {"shape": [4]}),
              ("bools", bools([[True, False]]), {"shape": [2]})]
    strided = [("sliced dims split", Floats(4, 2, layout="sliced"), {"shape": [2, 2, 2]}),
               ("transposed, a one added", Floats(2, 3, layout="transposed"), {"shape": [2, 1, 3]})]
    view_op(cases, "view", lambda x, shape: x.reshape(shape), common + strided)
    view_op(cases, "reshape", torch.reshape, common + strided + [
        ("transposed, copied", Floats(3, 2, layout="transposed"), {"shape": [6]}),
        ("sliced, kept", Floats(2, 3, layout="sliced"), {"shape": [6]}),
        ("expanded, copied", Floats(2, 3, layout="expanded"), {"shape": [6]})])
    view_op(cases, "flatten", torch.flatten, [
        ("all", Floats(2, 3), None), ("three", Floats(2, 1, 2), None),
        ("tail", Floats(2, 2, 2), {"start_dim": 1}),
        ("head", Floats(2, 2, 2), {"start_dim": 0, "end_dim": 1}),
        ("negative dims", Floats(2, 1, 2, 2), {"start_dim": -3, "end_dim": -2}),
        ("scalar", Floats(), None), ("no elements", Floats(0, 2, 3), {"start_dim": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), None),
        ("sliced", Floats(2, 3, layout="sliced"), None), ("one dim", Floats(2, 2), {
            "start_dim": 1, "end_dim": 1})])


def orders(cases):
    view_op(cases, "transpose", lambda x, dim0, dim1: torch.transpose(x, dim0, dim1), [
        ("matrix", Floats(2, 3), {"dim0": 0, "dim1": 1}),
        ("negative dims", Floats(2, 1, 3), {"dim0": -1, "dim1": -2}),
        ("outer dims", Floats(2, 1, 3), {"dim0": 0, "dim1": 2}),
        ("same dim", Floats(2, 2), {"dim0": 1, "dim1": 1}),
        ("scalar", Floats(), {"dim0": 0, "dim1": -1}),
        ("no elements", Floats(0, 2), {"dim0": 0, "dim1": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim0": 0, "dim1": 1}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dim0": 0, "dim1": 1}),
        ("integers", ints([[1, 2], [3, 4]]), {"dim0": 0, "dim1": 1})])
    view_op(cases, "permute", lambda x, dims: torch.permute(x, dims), [
        ("matrix", Floats(2, 3), {"dims": [1, 0]}), ("cycle", Floats(2, 1, 3), {"dims": [2, 0, 1]}),
        ("other cycle", Floats(2, 1, 3), {"dims": [1, 2, 0]}),
        ("negative dims", Floats(2, 1, 3), {"dims": [-1, 0, -2]}),
        ("nothing moved", Floats(2, 2), {"dims": [0, 1]}), ("scalar", Floats(), {"dims": []}),
        ("no elements", Floats(0, 2), {"dims": [1, 0]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dims": [1, 0]}),
        ("sliced", Floats(1, 2, 2, layout="sliced"), {"dims": [1, 2, 0]}),
        ("four dimensions", Floats(1, 2, 3, 1), {"dims": [2, 0, 3, 1]})])

    def moved(x, source, destination):
        return torch.movedim(x, tuple(source), tuple(destination))
    view_op(cases, "movedim", moved, [
        ("to the end", Floats(2, 1, 3), {"source": [0], "destination": [2]}),
        ("to the front", Floats(2, 1, 3), {"source": [-1], "destination": [0]}),
        ("into the middle", Floats(2, 1, 3, 2), {"source": [3], "destination": [1]}),
        ("two", Floats(2, 1, 3, 2), {"source": [0, 1], "destination": [-1, -2]}),
        ("two crossing", Floats(2, 1, 3), {"source": [2, 0], "destination": [0, 1]}),
        ("none", Floats(2, 3), {"source": [], "destination": []}),
        ("one dimension", Floats(3), {"source": [0], "destination": [-1]}),
        ("no elements", Floats(0, 2), {"source": [1], "destination": [0]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"source": [0], "destination": [1]}),
        ("sliced", Floats(1, 2, 2, layout="sliced"), {"source": [2], "destination": [0]})])


def diagonals(cases):
    view_op(cases, "diagonal", torch.diagonal, [
        ("square", Floats(3, 3), None), ("wide", Floats(2, 4), None), ("tall", Floats(4, 2), None),
        ("to the right", Floats(3, 4), {"offset": 2}), ("below", Floats(4, 3), {"offset": -1}),
        ("beyond", Floats(2, 3), {"offset": 5}), ("at the corner", Floats(2, 3), {"offset": -2}),
        ("last dims", Floats(2, 2, 3), {"offset": 1, "dim1": -2, "dim2": -1}),
        ("dims turned round", Floats(3, 2, 2), {"offset": 1, "dim1": 2, "dim2": 0}),
        ("outer dims of four", Floats(2, 1, 2, 3), {"dim1": 0, "dim2": 3}),
        ("no elements", Floats(0, 3), None),
        ("transposed", Floats(3, 2, layout="transposed"), {"offset": -1}),
        ("sliced", Floats(2, 3, layout="sliced"), {"offset": 1}),
        ("expanded", Floats(2, 3, layout="expanded"), None),
        ("integers", ints([[1, 2], [3, 4]]), None)])
    view_op(cases, "diag", lambda x, offset=0: torch.diag(x, offset), [
        ("vector", Floats(3), None), ("vector to the right", Floats(2), {"offset": 1}),
        ("vector below", Floats(2), {"offset": -2}), ("one", Floats(1), None),
        ("matrix", Floats(3, 3), None), ("wide matrix", Floats(2, 4), {"offset": 2}),
        ("tall matrix below", Floats(4, 2), {"offset": -3}),
        ("beyond", Floats(2, 3), {"offset": -7}), ("no elements", Floats(0), None),
        ("no elements to the right", Floats(0), {"offset": 2}),
        ("transposed", Floats(3, 2, layout="transposed"), None),
        ("sliced", Floats(3, layout="sliced"), None), ("integers", ints([1, 2]), {"offset": 1}),
        ("bools", bools([True, True]), None)])


def rearranged(cases):
    view_op(cases, "flip", lambda x, dims: torch.flip(x, dims), [
        ("rows", Floats(3, 2), {"dims": [0]}), ("columns", Floats(2, 3), {"dims": [-1]}),
        ("both", Floats(2, 3), {"dims": [1, 0]}), ("nothing", Floats(2, 2), {"dims": []}),
        ("middle of three", Floats(2, 3, 2), {"dims": [1]}), ("scalar", Floats(), {"dims": []}),
        ("no elements", Floats(0, 2), {"dims": [0, 1]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dims": [0]}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dims": [1]}),
        ("integers", ints([[1, 2], [3, 4]]), {"dims": [0]}),
        ("bools", bools([True, False]), {"dims": [0]})])

    def roll(x, shifts, dims=None):
        return torch.roll(x, shifts if dims else shifts[0], dims)
    view_op(cases, "roll", roll, [
        ("one dimension", Floats(5), {"shifts": [2], "dims": [0]}),
        ("backwards", Floats(2, 3), {"shifts": [-1], "dims": [1]}),
        ("further than the size", Floats(3, 2), {"shifts": [7], "dims": [0]}),
        ("two dims", Floats(2, 3), {"shifts": [1, -2], "dims": [0, 1]}),
        ("one dim twice", Floats(3), {"shifts": [1, 1], "dims": [0, 0]}),
        ("all elements", Floats(2, 3), {"shifts": [2]}),
        ("by nothing", Floats(3), {"shifts": [0], "dims": [0]}),
        ("no elements", Floats(0, 2), {"shifts": [1], "dims": [0]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"shifts": [1]}),
        ("sliced", Floats(2, 3, layout="sliced"), {"shifts": [1], "dims": [-1]}),
        ("integers", ints([1, 2, 3]), {"shifts": [1], "dims": [0]})])
    view_op(cases, "unbind", lambda x, dim=0: torch.unbind(x, dim), [
        ("rows", Floats(2, 3), None), ("columns", Floats(2, 3), {"dim": 1}),
        ("negative dim", Floats(2, 2), {"dim": -1}), ("one dimension", Floats(3), None),
        ("middle of three", Floats(2, 2, 2), {"dim": 1}), ("no columns", Floats(2, 0), None),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim": 0}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dim": 1}),
        ("integers", ints([[1, 2], [3, 4]]), None)])
    view_op(cases, "repeat", lambda x, times: x.repeat(times), [
        ("rows", Floats(2, 3), {"times": [2, 1]}), ("both", Floats(2, 1), {"times": [2, 3]}),
        ("a dimension in front", Floats(3), {"times": [2, 2]}), ("once", Floats(2), {"times": [1]}),
        ("not at all", Floats(2, 2), {"times": [0, 2]}), ("scalar", Floats(), {"times": []}),
        ("scalar to a row", Floats(), {"times": [3]}),
        ("no elements", Floats(0, 2), {"times": [2, 2]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"times": [1, 2]}),
        ("sliced", Floats(2, 3, layout="sliced"), {"times": [2, 1]}),
        ("integers", ints([[1, 2]]), {"times": [2, 2]})])
    view_op(cases, "repeat_interleave", lambda x, times, dim: x.repeat_interleave(times, dim), [
        ("rows", Floats(2, 3), {"times": 2, "dim": 0}),
        ("columns", Floats(2, 2), {"times": 3, "dim": -1}),
        ("once", Floats(2), {"times": 1, "dim": 0}),
        ("not at all", Floats(2, 2), {"times": 0, "dim": 1}),
        ("middle of three", Floats(2, 2, 2), {"times": 2, "dim": 1}),
        ("no elements", Floats(0, 2), {"times": 2, "dim": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"times": 2, "dim": 0}),
        ("sliced", Floats(2, 3, layout="sliced"), {"times": 2, "dim": 1}),
        ("integers", ints([[1, 2]]), {"times": 2, "dim": 0})])

    def pad(x, sides, value=0.0):
        return torch.nn.functional.pad(x, sides, value=value)
    view_op(cases, "pad", pad, [
        ("last dimension", Floats(2, 3), {"sides": [1, 2]}),
        ("both dimensions", Floats(2, 2), {"sides": [0, 1, 2, 0]}),
        ("with a value", Floats(2, 2), {"sides": [1, 1], "value": -1.5}),
        ("taken away", Floats(2, 4), {"sides": [-1, -2]}),
        ("one taken, one added", Floats(3), {"sides": [-1, 2]}),
        ("by nothing", Floats(2), {"sides": [0, 0]}),
        ("three dimensions", Floats(1, 2, 2), {"sides": [1, 0, 0, 1, 1, 1]}),
        ("no elements", Floats(0, 2), {"sides": [1, 1]}),
        ("transposed", Floats(3, 2, layout="transposed"), {"sides": [1, 0]}),
        ("sliced", Floats(2, 3, layout="sliced"), {"sides": [0, 1]}),
        ("integers", ints([[1, 2]]), {"sides": [1, 0], "value": 7})])


def parts(cases):
    view_op(cases, "narrow", lambda x, dim, start, length: torch.narrow(x, dim, start, length), [
        ("rows", Floats(3, 2), {"dim": 0, "start": 1, "length": 2}),
        ("columns", Floats(2, 3), {"dim": 1, "start": 0, "length": 2}),
        ("negative dim and start", Floats(2, 3), {"dim": -1, "start": -2, "length": 1}),
        ("nothing", Floats(2, 3), {"dim": 1, "start": 3, "length": 0}),
        ("everything", Floats(3), {"dim": 0, "start": 0, "length": 3}),
        ("no columns", Floats(2, 0), {"dim": 0, "start": 1, "length": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim": 0, "start": 1, "length": 1}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dim": 1, "start": 1, "length": 2}),
        ("middle of three", Floats(2, 3, 2), {"dim": 1, "start": 1, "length": 1})])

    def slices(x, dim, start, end=None, step=1):
        return x[(slice(None),) * (dim % x.dim()) + (slice(start, end, step),)]
    view_op(cases, "slice", slices, [
        ("rows", Floats(3, 2), {"dim": 0, "start": 1, "end": 3}),
        ("to the last", Floats(2, 3), {"dim": 1, "start": -2}),
        ("every other", Floats(5), {"dim": 0, "start": 0, "end": 5, "step": 2}),
        ("step beyond the end", Floats(2, 4), {"dim": 1, "start": 1, "end": 4, "step": 7}),
        ("end beyond the size", Floats(3), {"dim": 0, "start": 1, "end": 100}),
        ("negative bounds", Floats(4), {"dim": 0, "start": -3, "end": -1}),
        ("negative dim", Floats(2, 3), {"dim": -1, "start": 0, "end": 2}),
        ("nothing", Floats(3), {"dim": 0, "start": 2, "end": 1}),
        ("no elements", Floats(0, 2), {"dim": 0, "start": 0, "end": 2}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim": 0, "start": 0, "end": 3,
                                                           "step": 2}),
        ("sliced", Floats(2, 4, layout="sliced"), {"dim": 1, "start": 1, "end": 4, "step": 2})])
    view_op(cases, "select", lambda x, dim, index: torch.select(x, dim, index), [
        ("row", Floats(2, 3), {"dim": 0, "index": 1}), ("column", Floats(2, 3), {"dim": 1,
                                                                                 "index": 0}),
        ("negative", Floats(2, 3), {"dim": -1, "index": -1}),
        ("to a scalar", Floats(3), {"dim": 0, "index": 2}),
        ("middle of three", Floats(2, 3, 2), {"dim": 1, "index": 1}),
        ("no columns", Floats(2, 0), {"dim": 0, "index": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim": 0, "index": 1}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dim": 1, "index": 1}),
        ("integers", ints([[1, 2], [3, 4]]), {"dim": 0, "index": 1})])


def ones(cases):
    view_op(cases, "squeeze", torch.squeeze, [
        ("all", Floats(1, 2, 1, 3), None), ("nothing to drop", Floats(2, 3), None),
        ("all to a scalar", Floats(1, 1), None), ("scalar", Floats(), None),
        ("one dim", Floats(1, 2, 1), {"dim": 0}), ("negative dim", Floats(1, 2, 1), {"dim": -1}),
        ("a dim larger than one stays", Floats(2, 1), {"dim": 0}),
        ("scalar along 0", Floats(), {"dim": 0}), ("no elements", Floats(0, 1), {"dim": 1}),
        ("transposed", Floats(3, 1, layout="transposed"), {"dim": 1}),
        ("sliced", Floats(1, 3, layout="sliced"), None)])
    view_op(cases, "unsqueeze", torch.unsqueeze, [
        ("front", Floats(2, 3), {"dim": 0}), ("middle", Floats(2, 3), {"dim": 1}),
        ("back", Floats(2, 3), {"dim": 2}), ("negative", Floats(2, 3), {"dim": -1}),
        ("first from the end", Floats(2, 3), {"dim": -3}), ("scalar", Floats(), {"dim": 0}),
        ("no elements", Floats(0, 2), {"dim": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"dim": 1}),
        ("sliced", Floats(2, 3, layout="sliced"), {"dim": -1})])
    view_op(cases, "expand", lambda x, shape: x.expand(shape), [
        ("rows", Floats(1, 3), {"shape": [2, 3]}), ("columns", Floats(2, 1), {"shape": [-1, 3]}),
        ("new dimension", Floats(3), {"shape": [2, 3]}),
        ("new dimensions, kept size", Floats(2, 1), {"shape": [2, 1, -1, 2]}),
        ("scalar", Floats(), {"shape": [2, 2]}), ("nothing to do", Floats(2, 2), {"shape": [2, 2]}),
        ("to no elements", Floats(1, 2), {"shape": [0, 2]}),
        ("no elements", Floats(0, 1), {"shape": [2, 0, 3]}),
        ("transposed", Floats(3, 1, layout="transposed"), {"shape": [3, 2]}),
        ("sliced", Floats(1, 3, layout="sliced"), {"shape": [2, 3]}),
        ("middle of three", Floats(2, 1, 2), {"shape": [2, 2, 2]})])


def pieces(cases):
    def split(x, dim=0, size=None, sizes=None):
        return torch.split(x, sizes if size is None else size, dim)
    view_op(cases, "split", split, [
        ("even", Floats(4), {"size": 2}), ("a rest", Floats(5), {"size": 2}),
        ("columns", Floats(2, 3), {"size": 2, "dim": 1}),
        ("one piece", Floats(2, 2), {"size": 9, "dim": -1}),
        ("list", Floats(5), {"sizes": [1, 4]}),
        ("list with nothing", Floats(2, 3), {"sizes": [0, 2, 1], "dim": 1}),
        ("no elements", Floats(0, 2), {"size": 1, "dim": 1}),
        ("transposed", Floats(3, 2, layout="transposed"), {"sizes": [1, 2]}),
        ("sliced", Floats(2, 3, layout="sliced"), {"size": 1, "dim": -1})])
    view_op(cases, "chunk", lambda x, chunks, dim=0: torch.chunk(x, chunks, dim), [
        ("even", Floats(4), {"chunks": 2}), ("uneven", Floats(5), {"chunks": 3}),
        ("fewer than asked", Floats(10), {"chunks": 7}), ("one", Floats(3), {"chunks": 1}),
        ("columns", Floats(2, 4), {"chunks": 2, "dim": 1}),
        ("more than elements", Floats(2), {"chunks": 5}),
        ("negative dim", Floats(2, 3), {"chunks": 2, "dim": -1}),
        ("no elements", Floats(0, 2), {"chunks": 2, "dim": 1}),
        ("along an empty dim", Floats(0, 2), {"chunks": 2}),
        ("transposed", Floats(3, 2, layout="transposed"), {"chunks": 2}),
        ("sliced", Floats(2, 4, layout="sliced"), {"chunks": 2, "dim": 1})])


def add(cases):
    shapes(cases)
    orders(cases)
    diagonals(cases)
    rearranged(cases)
    parts(cases)
    ones(cases)
    pieces(cases)
