"""What the reference scripts share: inputs drawn by name, results by PyTorch, compact JSON.

A case's numbers are drawn from a generator seeded with its op and name: adding a case leaves all
others as they were.
"""
import json
import math
import pathlib
import random
import zlib

import torch

HERE = pathlib.Path(__file__).resolve().parent
DTYPES = {torch.float64: "float64", torch.float32: "float32", torch.int64: "int64",
          torch.bool: "bool"}
nan, inf = math.nan, math.inf


# ---- numbers ------------------------------------------------------------------------------------

class Draw:
    """Random numbers of one case: three decimals, distinct, and not next to 0."""

    def __init__(self, text):
        self.random = random.Random(zlib.crc32(text.encode()))
        self.used = [0.0]

    def number(self, low, high):
        gap = 0.03
        while True:
            for _ in range(200):
                x = round(self.random.uniform(low, high), 3)
                if all(abs(x - y) >= gap for y in self.used):
                    self.used.append(x)
                    return x
            gap /= 2

    def numbers(self, count, low, high):
        return [self.number(low, high) for _ in range(count)]

    def cotangent(self, shape):
        values = [round(self.random.uniform(-2, 2), 2) for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float64).reshape(shape)


class Floats:
    """A float input of a shape, to be drawn; `layout` tells how it lies in memory."""

    def __init__(self, *shape, low=-2, high=2, layout="contiguous", grad=True, away_from=()):
        self.shape, self.low, self.high = list(shape), low, high
        self.layout, self.grad, self.away_from = layout, grad, away_from

    def resolve(self, draw):
        draw.used += self.away_from
        expanded = self.layout == "expanded"
        rows = self.shape[1:] if expanded else self.shape
        values = torch.tensor(draw.numbers(math.prod(rows), self.low, self.high),
                              dtype=torch.float64).reshape(rows)
        return values.expand(self.shape).clone() if expanded else values


class Given:
    """An input with given values, nested; float64 unless said."""

    def __init__(self, values, shape=None, layout="contiguous", grad=True, dtype=None):
        if dtype is None:
            dtype = torch.float64
        self.values = torch.tensor(values, dtype=dtype)
        if shape is not None:
            self.values = self.values.reshape(shape)
        self.layout = layout
        self.grad = grad and self.values.dtype == torch.float64

    def resolve(self, draw):
        return self.values


def ints(values, shape=None, layout="contiguous"):
    return Given(values, shape, layout, dtype=torch.int64)


def bools(values, shape=None, layout="contiguous"):
    return Given(values, shape, layout, dtype=torch.bool)


# ---- JSON ---------------------------------------------------------------------------------------

def plain(x):
    """A number as JSON has it: NaN and infinities are strings, whole floats lose their point."""
    if isinstance(x, (bool, int, str)) or x is None:
        return x
    if math.isnan(x) or math.isinf(x):
        return str(x)
    negative_zero = x == 0 and math.copysign(1, x) < 0
    return int(x) if x == int(x) and abs(x) < 1e15 and not negative_zero else x


def plain_args(value):
    if isinstance(value, dict):
        return {key: plain_args(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_args(v) for v in value]
    return plain(value)


def numbers(t):
    return [plain(float(x)) for x in t.detach().reshape(-1).double().tolist()]


def tensor_json(t, **more):
    out = dict(more)
    if t.dtype != torch.float64:
        out["dtype"] = DTYPES[t.dtype]
    return {**out, "shape": list(t.shape), "values": numbers(t)}


def write(name, cases):
    """One case a line."""
    lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    path = HERE / name
    path.write_text("[\n" + lines + "\n]\n")
    print(f"{name}: {len(cases)} cases, {path.stat().st_size} bytes")


# ---- running a case -----------------------------------------------------------------------------

def as_list(outputs):
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]


def differentiable(outputs):
    return [o for o in outputs if o.requires_grad]


def run(function, inputs, wanted, cotangents=None, draw=None):
    """Outputs, cotangents (None where an output has no gradient) and gradients of the inputs."""
    leaves = [x.clone().requires_grad_(w) for x, w in zip(inputs, wanted)]
    outputs = as_list(function(*leaves))
    if cotangents is None:
        cotangents = [draw.cotangent(o.shape) if o.requires_grad else None for o in outputs]
    pairs = [(o, c.to(o.dtype)) for o, c in zip(outputs, cotangents) if o.requires_grad]
    grads = [None] * len(leaves)
    if pairs:
        asked = [i for i, w in enumerate(wanted) if w]
        found = torch.autograd.grad([p[0] for p in pairs], [leaves[i] for i in asked],
                                    [p[1] for p in pairs], allow_unused=True)
        for i, g in zip(asked, found):
            grads[i] = g
    return outputs, cotangents, grads


def near(found, wanted):
    return torch.allclose(found.double(), wanted.double(), rtol=1.3e-6, atol=1e-5, equal_nan=True)


def holds_in_float32(function, inputs, wanted, cotangents, outputs, grads):
    """Whether PyTorch's own float32 results are within the tolerance of the float64 ones."""
    single = [x.float() if x.dtype == torch.float64 else x for x in inputs]
    found, _, found_grads = run(function, single, wanted, cotangents)
    pairs = list(zip(found, outputs)) + list(zip(found_grads, grads))
    return all(near(a, b) for a, b in pairs if b is not None and a is not None)


def check_gradients(label, function, inputs, wanted, second):
    leaves = [x.clone().requires_grad_(w) for x, w in zip(inputs, wanted)]
    call = lambda *xs: tuple(differentiable(as_list(function(*xs))))
    try:
        torch.autograd.gradcheck(call, leaves, atol=1e-6, rtol=1e-5)
        if second:
            torch.autograd.gradgradcheck(call, leaves, atol=1e-6, rtol=1e-5)
    except Exception as error:
        raise SystemExit(f"{label}: {str(error)[:600]}")


class Cases:
    """The cases of one file, collected by `cases.add("exp", "plain", torch.exp, [...])`."""

    def __init__(self):
        self.items = []
        self.labels = set()

    def add(self, op, name, function, specs, args=None, gradcheck=True, gradgradcheck=True,
            float32=None, check=True):
        """`function` takes the inputs, then `args` by name. `float32`: whether the case holds in
        single precision too; found out by running it where not given. `check`: whether PyTorch
        passes the gradient checks itself."""
        label = f"{op}: {name}"
        assert label not in self.labels, label
        self.labels.add(label)
        args = args or {}
        call = lambda *xs: function(*xs, **args)
        draw = Draw(label)
        inputs = [s.resolve(draw) for s in specs]
        wanted = [s.grad and x.dtype == torch.float64 for s, x in zip(specs, inputs)]
        outputs, cotangents, grads = run(call, inputs, wanted, draw=draw)
        gradcheck = gradcheck and any(g is not None for g in grads) and not any(
            s.layout == "expanded" for s in specs)
        gradgradcheck = gradgradcheck and gradcheck
        if check and gradcheck and any(o.numel() for o in outputs):
            check_gradients(label, call, inputs, wanted, gradgradcheck)
        if float32 is None:
            float32 = holds_in_float32(call, inputs, wanted, cotangents, outputs, grads)
            if not float32:
                print(f"  not compared in float32: {label}")
        case = {"op": op, "name": name,
                "inputs": [self.input_json(s, x, w) for s, x, w in zip(specs, inputs, wanted)]}
        if args:
            case["args"] = plain_args(args)
        case["outputs"] = [tensor_json(o) for o in outputs]
        if any(g is not None for g in grads):
            case["cotangents"] = [None if c is None else numbers(c) for c in cotangents]
            case["grads"] = [None if g is None else numbers(g) for g in grads]
            case["gradcheck"], case["gradgradcheck"] = gradcheck, gradgradcheck
        if not float32:
            case["float32"] = False
        self.items.append(case)

    @staticmethod
    def input_json(spec, x, wanted):
        more = {}
        if spec.layout != "contiguous":
            more["layout"] = spec.layout
        if wanted:
            more["requires_grad"] = True
        return tensor_json(x, **more)
