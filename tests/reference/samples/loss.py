"""Losses. An argument `weight` or `pos_weight` is the position of that input."""
import torch
import torch.nn.functional as F

from fixture import Floats, Given, inf, ints, nan
from samples.normalize import at

REDUCTIONS = ("none", "mean", "sum")


def cross_entropy(*xs, weight=None, **args):
    return F.cross_entropy(xs[0], xs[1], weight=at(xs, weight), **args)


def weights(*values):
    return Given(list(values), grad=False)


def class_ids(sample):
    logits = Given([[1, 2, 0.5], [0.1, -1, 2], [0, 0, 0]])
    for reduction in REDUCTIONS:
        sample(f"all options, {reduction}", [logits, ints([0, 2, -100]), weights(0.5, 1, 3)],
               {"weight": 2, "label_smoothing": 0.1, "reduction": reduction})
        sample(f"plain, {reduction}", [Floats(2, 3), ints([2, 0])], {"reduction": reduction})
        sample(f"all ignored, {reduction}", [Floats(2, 3), ints([-100, -100])],
               {"reduction": reduction}, gradcheck=False)
        sample(f"empty batch, {reduction}", [Floats(0, 3), ints([], [0])],
               {"reduction": reduction}, gradcheck=False)
    sample("weights", [Floats(2, 3), ints([2, 0]), weights(0.5, 1, 3)], {"weight": 2})
    sample("ignored rows", [Floats(3, 2), ints([1, 7, 0])], {"ignore_index": 7})
    sample("smoothing", [Floats(2, 3), ints([2, 0])], {"label_smoothing": 0.2})
    sample("smoothing and ignored rows", [Floats(3, 2), ints([1, -100, 0])],
           {"label_smoothing": 0.3})
    sample("full smoothing", [Floats(2, 3), ints([2, 0])], {"label_smoothing": 1.0})
    sample("one row without a batch", [Floats(3), ints(1)])
    sample("a dimension after the classes", [Floats(2, 3, 2), ints([[0, 2], [1, 1]])])
    sample("two dimensions after the classes, all options",
           [Floats(1, 2, 2, 2), ints([[[0, 1], [-100, 1]]]), weights(0.5, 2)],
           {"weight": 2, "label_smoothing": 0.1})
    sample("higher, none", [Floats(1, 3, 2), ints([[0, 2]])], {"reduction": "none"})
    sample("transposed", [Floats(3, 2, layout="transposed"), ints([0, 1, 1])])
    sample("sliced", [Floats(2, 3, layout="sliced"), ints([2, 1], layout="sliced")])
    sample("large logits", [Given([[1e4, -1e4, 0.0]]), ints([0])], gradcheck=False)
    sample("large logits, wrong class", [Given([[1e4, -1e4, 0.0]]), ints([1])], gradcheck=False)
    sample("minus infinity off the target", [Given([[0.5, -inf, 1.0]]), ints([0])],
           gradcheck=False)
    sample("minus infinity with smoothing", [Given([[0.5, -inf, 1.0]], grad=False), ints([0])],
           {"label_smoothing": 0.1})
    sample("NaN in an ignored row", [Given([[nan, 1.0], [0.5, 1.0]], grad=False),
                                     ints([-100, 0])])
    sample("kept weights sum to 0", [Floats(2, 2), ints([1, 1]), weights(1, 0)], {"weight": 2},
           gradcheck=False)


def probabilities(sample):
    target = lambda **more: Given([[0.2, 0.5, 0.3], [0.1, 0, 0.9]], **more)
    for reduction in REDUCTIONS:
        sample(f"probabilities, {reduction}", [Floats(2, 3), target()], {"reduction": reduction})
    sample("probabilities, all options", [Floats(2, 3), target(), weights(0.5, 1, 3)],
           {"weight": 2, "label_smoothing": 0.1})
    sample("probabilities without a gradient", [Floats(2, 3), target(grad=False)])
    sample("probabilities of one row", [Floats(3), Given([0.2, 0.5, 0.3])])
    sample("probabilities, a dimension after the classes, none",
           [Floats(1, 2, 2), Given([[[0.2, 0.5], [0.8, 0.5]]])], {"reduction": "none"})
    sample("probabilities, a dimension after the classes",
           [Floats(2, 2, 1), Given([[[0.2], [0.8]], [[0.5], [0.5]]]), weights(0.5, 2)],
           {"weight": 2})
    sample("probabilities, empty batch", [Floats(0, 3), Floats(0, 3)], gradcheck=False)


def pairs(cases):
    def mse(name, a, b, reduction=None, **more):
        args = {} if reduction is None else {"reduction": reduction}
        cases.add("mse_loss", name, F.mse_loss, [a, b], args, **more)
    for reduction in REDUCTIONS:
        mse(reduction, Floats(2, 3), Floats(2, 3), reduction)
        mse(f"empty, {reduction}", Floats(0, 2), Floats(0, 2), reduction, gradcheck=False)
    mse("scalars", Floats(), Floats())
    mse("higher", Floats(2, 1, 2), Floats(2, 1, 2))
    mse("transposed", Floats(3, 2, layout="transposed"), Floats(3, 2))
    mse("sliced", Floats(2, 2, layout="sliced"), Floats(2, 2, layout="transposed"), "sum")
    mse("target without a gradient", Floats(3), Floats(3, grad=False))
    mse("equal", Given([1.0, -2.0]), Given([1.0, -2.0]))


def distances(cases):
    def sample(op, function, name, a, b, args=None, **more):
        cases.add(op, name, function, [a, b], args, **more)

    def huber(x, y, delta=1.0, reduction="mean"):
        return F.huber_loss(x, y, reduction, delta)
    for op, function in (("l1_loss", F.l1_loss), ("huber_loss", huber)):
        for reduction in REDUCTIONS:
            args = {"reduction": reduction}
            sample(op, function, reduction, Floats(2, 3), Floats(2, 3), args)
            sample(op, function, f"empty, {reduction}", Floats(0, 2), Floats(0, 2), args,
                   gradcheck=False)
        sample(op, function, "scalars", Floats(), Floats())
        sample(op, function, "transposed", Floats(3, 2, layout="transposed"), Floats(3, 2))
        sample(op, function, "sliced", Floats(2, 2, layout="sliced"), Floats(2, 2), {
            "reduction": "sum"})
        sample(op, function, "target without a gradient", Floats(3), Floats(3, grad=False))
        sample(op, function, "equal, near and far", Given([1.0, 1.0, 1.0]), Given([1.0, 1.25, 9.0]),
               gradcheck=False)
    sample("huber_loss", huber, "delta", Floats(2, 3), Floats(2, 3), {"delta": 0.4})
    sample("huber_loss", huber, "at delta", Given([0.0, 0.0]), Given([0.5, -0.5]), {"delta": 0.5},
           gradcheck=False)


def smooth(cases):
    def sample(name, a, b, args=None, **more):
        cases.add("smooth_l1_loss", name, F.smooth_l1_loss, [a, b], args, **more)
    for reduction in REDUCTIONS:
        sample(reduction, Floats(2, 3), Floats(2, 3), {"reduction": reduction})
        sample(f"empty, {reduction}", Floats(0, 2), Floats(0, 2), {"reduction": reduction},
               gradcheck=False)
    sample("beta", Floats(2, 3), Floats(2, 3), {"beta": 0.4})
    sample("beta 0", Floats(2, 3), Floats(2, 3), {"beta": 0.0})
    sample("scalars", Floats(), Floats())
    sample("sliced", Floats(2, 2, layout="sliced"), Floats(2, 2), {"reduction": "sum"})


def log_probabilities(cases):
    def nll(*xs, weight=None, **args):
        return F.nll_loss(xs[0], xs[1], weight=at(xs, weight), **args)

    def sample(name, inputs, args=None, **more):
        cases.add("nll_loss", name, nll, inputs, args, **more)
    for reduction in REDUCTIONS:
        args = {"reduction": reduction}
        sample(reduction, [Floats(2, 3), ints([2, 0])], args)
        sample(f"weights and an ignored row, {reduction}",
               [Floats(3, 3), ints([0, 2, -100]), weights(0.5, 1, 3)], {**args, "weight": 2})
        sample(f"empty, {reduction}", [Floats(0, 3), ints([], [0])], args, gradcheck=False)
    sample("another id ignored", [Floats(3, 2), ints([1, 0, 0])], {"ignore_index": 1})
    sample("one row without a batch", [Floats(3), ints(1)])
    sample("a dimension after the classes", [Floats(2, 3, 2), ints([[0, 2], [1, 1]])])
    sample("all ignored", [Floats(2, 3), ints([-100, -100])], gradcheck=False)
    sample("transposed", [Floats(3, 2, layout="transposed"), ints([0, 1, 1])])
    sample("minus infinity off the target", [Given([[0.5, -inf, 1.0]]), ints([0])],
           gradcheck=False)


def divergences(cases):
    def kl(x, y, log_target=False, reduction="mean"):
        return F.kl_div(x, y, reduction=reduction, log_target=log_target)

    def sample(name, a, b, args=None, **more):
        cases.add("kl_div", name, kl, [a, b], args, **more)
    target = lambda *shape, **more: Floats(*shape, low=0.05, high=0.95, **more)
    for reduction in REDUCTIONS:
        args = {"reduction": reduction}
        sample(reduction, Floats(2, 3), target(2, 3), args)
        sample(f"of logarithms, {reduction}", Floats(2, 3), Floats(2, 3),
               {**args, "log_target": True})
        sample(f"empty, {reduction}", Floats(0, 2), Floats(0, 2), args, gradcheck=False)
    sample("scalars", Floats(), target())
    sample("transposed", Floats(3, 2, layout="transposed"), target(3, 2))
    sample("sliced", Floats(2, 2, layout="sliced"), target(2, 2), {"reduction": "sum"})
    sample("probability 0", Floats(3), Given([0.0, 0.25, 0.75], grad=False))
    sample("batchmean", Floats(2, 3), target(2, 3), {"reduction": "batchmean"})


def binary(cases):
    def bce(*xs, weight=None, pos_weight=None, **args):
        return F.binary_cross_entropy_with_logits(xs[0], xs[1], at(xs, weight),
                                                  pos_weight=at(xs, pos_weight), **args)

    def sample(name, inputs, args=None, **more):
        cases.add("binary_cross_entropy_with_logits", name, bce, inputs, args, **more)
    target = lambda *shape, **more: Floats(*shape, low=0.05, high=0.95, **more)
    for reduction in REDUCTIONS:
        sample(reduction, [Floats(2, 3), target(2, 3)], {"reduction": reduction})
        sample(f"weighted, {reduction}", [Floats(2, 2), target(2, 2), weights(0.5, 2)],
               {"weight": 2, "reduction": reduction})
        sample(f"empty, {reduction}", [Floats(0, 2), Floats(0, 2)], {"reduction": reduction},
               gradcheck=False)
    sample("pos_weight", [Floats(2, 3), target(2, 3), weights(0.5, 2, 3)], {"pos_weight": 2})
    sample("weight and pos_weight", [Floats(2, 2), target(2, 2), Given([[0.5], [2.0]], grad=False),
                                     weights(3, 0.25)], {"weight": 2, "pos_weight": 3})
    sample("scalars", [Floats(), target()])
    sample("hard targets", [Floats(4), Given([0.0, 1.0, 1.0, 0.0], grad=False)])
    sample("transposed", [Floats(3, 2, layout="transposed"), target(3, 2)])
    sample("sliced", [Floats(2, 2, layout="sliced"), target(2, 2, layout="sliced", grad=False)])
    sample("large logits", [Given([1e4, -1e4, 1e4, -1e4]),
                            Given([1.0, 0.0, 0.0, 1.0], grad=False)], {"reduction": "none"},
           gradcheck=False)
    sample("infinite logit", [Given([inf], grad=False), Given([0.0], grad=False)],
           {"reduction": "none"})
    sample("zero logits", [Given([0.0, 0.0]), Given([0.0, 1.0])], gradcheck=False)


def add(cases):
    def sample(name, inputs, args=None, **more):
        cases.add("cross_entropy", name, cross_entropy, inputs, args, **more)
    class_ids(sample)
    probabilities(sample)
    pairs(cases)
    distances(cases)
    smooth(cases)
    log_probabilities(cases)
    divergences(cases)
    binary(cases)
