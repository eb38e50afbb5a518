"""Writes safetensors.json: files as Python's safetensors writes them, in hexadecimal, and what they
hold. A tensor of "every dtype" is named by its dtype."""
import pathlib
import tempfile

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

from fixture import tensor_json, write

HALVES = [0, -0.0, 1, -1.5, 65504, 6.1035e-05, 5.96e-08, -6.0976e-05, torch.inf, -torch.inf,
          torch.nan]
WHOLE = {"U8": torch.uint8, "I8": torch.int8, "U16": torch.uint16, "I16": torch.int16,
         "U32": torch.uint32, "I32": torch.int32, "I64": torch.int64, "U64": torch.uint64}
FLOATS = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}


def held(tensor):
    """What rill holds it in."""
    if tensor.dtype in (torch.float16, torch.bfloat16):
        return tensor.float()
    return tensor.long() if tensor.dtype in WHOLE.values() else tensor


def case(name, written, tensors, **args):
    outputs = [tensor_json(held(t), name=n) for n, t in tensors.items()]
    return {"op": "safetensors", "name": name, "args": {"bytes": written.hex(), **args},
            "outputs": outputs}


def of(name, tensors, metadata=None, **args):
    return case(name, safetensors.torch.save(tensors, metadata), tensors, **args)


def every_dtype():
    tensors = {n: torch.tensor(HALVES).to(t) for n, t in FLOATS.items()}
    for name, dtype in WHOLE.items():
        info = torch.iinfo(dtype)
        top = min(info.max, 2**53)  # what JSON's numbers hold
        tensors[name] = torch.tensor([max(info.min, -2**53), 0, 1, top]).to(dtype)
    tensors["BOOL"] = torch.tensor([[True, False], [False, True]])
    return tensors


def shapes():
    return {"no dimensions": torch.tensor(1.5), "one": torch.tensor([7]),
            "no rows": torch.zeros(0, 3), "no columns": torch.zeros(2, 0, 4, dtype=torch.int64),
            "deep": (torch.arange(8.0) / 7).reshape(1, 2, 1, 1, 2, 1, 2, 1),
            "名": torch.tensor([[1.25], [-2]], dtype=torch.float64)}


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(3, 2)
        self.head = torch.nn.Linear(2, 3)
        self.embed.weight.data = torch.arange(6.0).reshape(3, 2) / 7
        self.head.weight = self.embed.weight
        self.head.bias.data = torch.tensor([1.0, 2, 3])


def saved_model():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.safetensors")
        safetensors.torch.save_model(Tied(), path)
        return case("save_model", path.read_bytes(), Tied().state_dict())


def alone():
    """Files of one tensor, which rill writes with the same bytes."""
    numbers = torch.tensor([[1, 1.0005, -3.14159], [65519.99, 1e-7, 3.4e38]])
    yield of("F32", {"a": numbers}, same=True)
    yield of("F64", {"a.weight": numbers.double()}, same=True)
    yield of("I64", {"ids": torch.tensor([-2**53, 2**53])}, same=True)
    yield of("BOOL", {"mask": torch.tensor([True, False, True])}, same=True)
    yield of("no dimensions", {"": torch.tensor(2.5)}, same=True)
    yield of("no elements", {"n": torch.zeros(3, 0)}, same=True)
    yield of("metadata", {"a": torch.tensor([1.0])}, {"a \"b\"": "c\n名\\\x01"}, same=True)


def rounded():
    """What rill writes with `floats_as`: `outputs` are what is rounded, the bytes what it gives."""
    values = np.array([[1, 1.0005, 1.00048828125, -3.14159, 65519.99, 65520],
                       [1e-7, 2.98023223876953125e-08, 2.9802322387695316e-08, 6.1e-05, 1e30, -1e-30]])
    for name, array in (("float32", values.astype("<f4")), ("float64", values)):
        written = safetensors.numpy.save({"a": array.astype("<f2")})
        yield case(f"{name} to float16", written, {"a": torch.tensor(array)})
    single = torch.tensor(values, dtype=torch.float32)
    yield case("float32 to bfloat16", safetensors.torch.save({"a": single.bfloat16()}), {"a": single})


def rounded_cases():
    for one in rounded():
        yield {**one, "op": "rounded safetensors"}


with np.errstate(over="ignore"):
    write("safetensors.json", [of("every dtype", every_dtype()), of("shapes", shapes()), saved_model(),
                               of("no tensors", {}), *alone(), *rounded_cases()])
