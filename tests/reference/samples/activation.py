"""Activations."""
import torch
import torch.nn.functional as F

from fixture import Floats, Given, inf, nan
from samples.shapes import unary


def add(cases):
    unary(cases, "tanh", torch.tanh)
    unary(cases, "sigmoid", torch.sigmoid)
    unary(cases, "softplus", F.softplus)
    unary(cases, "relu", torch.relu)
    unary(cases, "gelu", F.gelu)
    unary(cases, "gelu", F.gelu, args={"approximate": "tanh"}, prefix="tanh form, ")
    unary(cases, "silu", F.silu)
    unary(cases, "leaky_relu", F.leaky_relu)
    cases.add("leaky_relu", "slope 0.3", F.leaky_relu, [Floats(2, 3)], {"negative_slope": 0.3})
    cases.add("leaky_relu", "slope of its own at 0", F.leaky_relu, [Given([0.0, -0.0, 1.0])],
              gradcheck=False)
    cases.add("softplus", "beta 2", F.softplus, [Floats(2, 2)], {"beta": 2.0})
    cases.add("softplus", "beyond the threshold", F.softplus, [Given([0.5, 1.5, 3.0])],
              {"beta": 2.0, "threshold": 2.0}, gradgradcheck=False)
    cases.add("relu", "slope 0 at 0", torch.relu, [Given([0.0, -0.0, 1.0])], gradcheck=False)
    cases.add("gelu", "at one", F.gelu, [Given([1.0])])
    cases.add("gelu", "at one, tanh form", F.gelu, [Given([1.0])], {"approximate": "tanh"})
    for op, function in (("tanh", torch.tanh), ("sigmoid", torch.sigmoid), ("relu", torch.relu),
                         ("softplus", F.softplus), ("leaky_relu", F.leaky_relu)):
        cases.add(op, "ends and NaN", function, [Given([inf, -inf, nan])], gradcheck=False)
        cases.add(op, "far from zero", function, [Given([500.0, -500.0, 60.0, -60.0])],
                  gradcheck=False)
    cases.add("gelu", "far from zero", F.gelu, [Given([50.0, -50.0, 9.0, -9.0, nan])],
              gradcheck=False)
    cases.add("gelu", "far from zero, tanh form", F.gelu, [Given([50.0, -50.0, 9.0, -9.0, nan])],
              {"approximate": "tanh"}, gradcheck=False)
    cases.add("silu", "far from zero", F.silu, [Given([500.0, -500.0, 60.0, -60.0, nan])],
              gradcheck=False)
