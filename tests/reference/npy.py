"""Writes npy.json: arrays as NumPy writes them to a file, in hexadecimal, and what they hold."""
import io

import numpy as np
import torch

from fixture import tensor_json, write

HALVES = [0, -0.0, 1, -1.5, 65504, 6.1035e-05, 5.96e-08, -6.0976e-05, np.inf, -np.inf, np.nan]


def case(name, array, version=None, **args):
    """`array` is what the file holds; `behind` follows it, and of the whole `first` bytes are kept."""
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    file.write(args.pop("behind", b""))
    written = file.getvalue()[:args.pop("first", None)]
    return {"op": "npy", "name": name, "args": {"bytes": written.hex(), **args}}


def read(name, array, version=None, **args):
    """What rill reads: `same` where it writes the same bytes again."""
    kind = array.dtype.kind
    held = array.astype("<f4") if array.dtype == "<f2" else array
    held = held.astype("<i8") if kind in "iu" else held
    out = case(name, array, version, **args)
    out["outputs"] = [tensor_json(torch.tensor(held))]
    return out


def numbers(kind, *shape):
    count = int(np.prod(shape))
    return (np.arange(count) * 3 - 7).reshape(shape).astype(kind)


def limits(kind):
    return np.array([np.iinfo(kind).min, 0, 1, np.iinfo(kind).max], dtype=kind)


def same():
    yield read("float32", numbers("<f4", 2, 3) / np.float32(7), same=True)
    yield read("float64", numbers("<f8", 2, 3) / 7, same=True)
    yield read("int64", np.array([[-2**63, 2**53], [0, -1]], dtype="<i8"), same=True)
    yield read("bool", np.array([True, False, True]), same=True)
    yield read("special values", np.array([np.inf, -np.inf, np.nan, -0.0], dtype="<f4"), same=True)
    yield read("no dimensions", np.array(1.5, dtype="<f4"), same=True)
    yield read("one element", np.array([2.5], dtype="<f8"), same=True)
    yield read("no elements", numbers("<f4", 0), same=True)
    yield read("no rows", numbers("<i8", 0, 3), same=True)
    yield read("no columns", numbers("<f8", 2, 0, 4), same=True)
    yield read("eight dimensions", numbers("<f4", 1, 2, 1, 2, 1, 1, 3, 1), same=True)
    yield read("eight long sizes", np.zeros((0,) + (300,) * 7, dtype="|b1"), same=True)


def other_types():
    yield read("float16", np.array(HALVES, dtype="<f2"))
    for kind in ("<i4", "<i2", "|i1", "<u4", "<u2", "|u1"):
        yield read(f"limits of {kind}", limits(kind))


def other_forms():
    yield read("Fortran's order", np.asfortranarray(numbers("<f4", 2, 3)))
    yield read("Fortran's order in three dimensions", np.asfortranarray(numbers("<i2", 2, 3, 4)))
    yield read("Fortran's order of bools", np.asfortranarray(numbers("<i2", 3, 2) > 0))
    yield read("Fortran's order without elements", np.asfortranarray(numbers("<f8", 2, 0, 3)))
    yield read("version 2.0", numbers("<f4", 2, 2), (2, 0))
    yield read("version 3.0", numbers("<f4", 2, 2), (3, 0))
    yield read("another array behind it", numbers("<f4", 2), behind=b"\x93NUMPY\x01\x00")


def refused():
    yield case("big-endian float32", numbers(">f4", 2))
    yield case("big-endian int64", numbers(">i8", 2))
    yield case("objects", np.array([{}, None], dtype=object))
    yield case("complex", numbers("<c8", 2))
    yield case("uint64", numbers("<u8", 2))
    yield case("text", np.array(["ab", "c"]))
    yield case("structs", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i8")]))
    yield case("nine dimensions", numbers("<f4", 1, 1, 1, 1, 1, 1, 1, 1, 2))
    yield case("a header over 10000 bytes", np.zeros(1, dtype=[("a" * 10000, "<f4")]), first=100)


write("npy.json", [*same(), *other_types(), *other_forms(), *refused()])
