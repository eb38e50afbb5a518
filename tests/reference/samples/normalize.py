"""layer_norm and rms_norm. An argument `weight` or `bias` is the position of that input."""
import torch
import torch.nn.functional as F

from fixture import Floats, Given
from samples.reduce import FAR


def at(inputs, position):
    return None if position is None else inputs[position]


def layer_norm(*xs, normalized_shape, weight=None, bias=None, eps=1e-5):
    return F.layer_norm(xs[0], normalized_shape, at(xs, weight), at(xs, bias), eps)


def rms_norm(*xs, normalized_shape, weight=None, eps=None):
    return F.rms_norm(xs[0], normalized_shape, at(xs, weight), eps)


def common(cases, op, function):
    def sample(name, inputs, args, **more):
        cases.add(op, name, function, inputs, args, **more)
    sample("plain", [Floats(2, 3)], {"normalized_shape": [3]})
    sample("weight", [Floats(2, 3), Floats(3)], {"normalized_shape": [3], "weight": 1})
    sample("one dimension", [Floats(4), Floats(4)], {"normalized_shape": [4], "weight": 1})
    sample("two dims normalized", [Floats(2, 2, 2), Floats(2, 2)],
           {"normalized_shape": [2, 2], "weight": 1})
    sample("batch and length", [Floats(2, 2, 3), Floats(3)],
           {"normalized_shape": [3], "weight": 1, "eps": 1e-6})
    sample("large eps", [Floats(2, 3)], {"normalized_shape": [3], "eps": 0.5})
    sample("no rows", [Floats(0, 3), Floats(3)], {"normalized_shape": [3], "weight": 1})
    sample("transposed", [Floats(3, 2, layout="transposed"), Floats(2)],
           {"normalized_shape": [2], "weight": 1})
    sample("sliced", [Floats(2, 3, layout="sliced"), Floats(3, layout="sliced")],
           {"normalized_shape": [3], "weight": 1})
    sample("expanded", [Floats(2, 3, layout="expanded")], {"normalized_shape": [3]})
    sample("only the weight wants a gradient", [Floats(2, 3, grad=False), Floats(3)],
           {"normalized_shape": [3], "weight": 1})


def add(cases):
    common(cases, "layer_norm", layer_norm)
    common(cases, "rms_norm", rms_norm)
    cases.add("layer_norm", "weight and bias", layer_norm, [Floats(2, 4), Floats(4), Floats(4)],
              {"normalized_shape": [4], "weight": 1, "bias": 2})
    cases.add("layer_norm", "bias alone", layer_norm, [Floats(2, 3), Floats(3)],
              {"normalized_shape": [3], "bias": 1}, check=False)  # PyTorch's second one is wrong
    cases.add("layer_norm", "two dims, weight and bias", layer_norm,
              [Floats(2, 2, 2), Floats(2, 2), Floats(2, 2)],
              {"normalized_shape": [2, 2], "weight": 1, "bias": 2})
    cases.add("layer_norm", "one column gives the bias", layer_norm,
              [Floats(2, 1), Floats(1), Floats(1)],
              {"normalized_shape": [1], "weight": 1, "bias": 2})
    cases.add("layer_norm", "large mean, small variance", layer_norm, [Given([FAR])],
              {"normalized_shape": [6]}, gradcheck=False, float32=True)
    cases.add("rms_norm", "zeros", rms_norm, [Given([[0.0, 0.0]])],
              {"normalized_shape": [2], "eps": 1e-2})
    cases.add("rms_norm", "large", rms_norm, [Given([[300.0, -400.0]])],
              {"normalized_shape": [2], "eps": 1e-5}, gradgradcheck=False)
