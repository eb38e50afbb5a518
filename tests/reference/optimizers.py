"""Writes optimizers.json: optimizers over 20 steps, schedules, clipping, initialisers' bounds."""
import math
import warnings

import torch
import torch.nn as nn

from fixture import Draw, inf, nan, numbers, plain, plain_args, tensor_json, write

STEPS = 20
SHAPES = {"w": (2, 2), "b": (3,)}


# ---- optimizers ---------------------------------------------------------------------------------

def gradients(draw):
    """For each step w's and b's; b has none at steps 0, 5 and 6, and zeros at step 9."""
    steps = [[draw.cotangent(shape) for shape in SHAPES.values()] for _ in range(STEPS)]
    for step in (0, 5, 6):
        steps[step][1] = None
    steps[9][1] = torch.zeros(SHAPES["b"], dtype=torch.float64)
    return steps


def optimizer(op, name, args, groups=None):
    """`groups` gives w and b a group each, with these options."""
    draw = Draw(f"{op}: {name}")
    parameters = [torch.tensor(draw.numbers(math.prod(shape), -1, 1), dtype=torch.float64)
                  .reshape(shape).requires_grad_() for shape in SHAPES.values()]
    case = {"op": op, "name": name, "args": dict(args),
            "parameters": [tensor_json(p, name=n) for n, p in zip(SHAPES, parameters)],
            "steps": []}
    given = parameters
    if groups:
        given = [{"params": [p], **group} for p, group in zip(parameters, groups)]
        for key in groups[0]:
            case["args"][f"group_{key}"] = [group[key] for group in groups]
    engine = getattr(torch.optim, op)(given, **args, foreach=False)
    for grads in gradients(draw):
        for parameter, grad in zip(parameters, grads):
            parameter.grad = None if grad is None else grad.clone()
        engine.step()
        case["steps"].append({"grads": [None if g is None else numbers(g) for g in grads],
                              "values": [numbers(p) for p in parameters]})
    case["args"] = plain_args(case["args"])
    if "betas" in case["args"]:
        case["args"]["beta1"], case["args"]["beta2"] = case["args"].pop("betas")
    return case


def optimizers():
    yield optimizer("SGD", "plain", {"lr": 0.1})
    yield optimizer("SGD", "momentum", {"lr": 0.1, "momentum": 0.9})
    yield optimizer("SGD", "dampening", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3})
    yield optimizer("SGD", "nesterov", {"lr": 0.05, "momentum": 0.8, "nesterov": True})
    yield optimizer("SGD", "weight decay", {"lr": 0.1, "weight_decay": 0.2})
    yield optimizer("SGD", "weight decay and momentum",
                    {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1})
    yield optimizer("SGD", "two groups", {"lr": 0.1, "momentum": 0.9},
                    [{"lr": 0.1, "weight_decay": 0.1}, {"lr": 0.01, "weight_decay": 0.0}])
    for op in ("Adam", "AdamW"):
        yield optimizer(op, "defaults", {})
        yield optimizer(op, "plain", {"lr": 0.05})
        yield optimizer(op, "other betas and eps", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3})
        yield optimizer(op, "weight decay", {"lr": 0.05, "weight_decay": 0.2})
        yield optimizer(op, "amsgrad", {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True})
        yield optimizer(op, "amsgrad and weight decay",
                        {"lr": 0.05, "betas": (0.9, 0.9), "amsgrad": True, "weight_decay": 0.1})
    yield optimizer("AdamW", "two groups", {"lr": 0.05},
                    [{"lr": 0.05, "weight_decay": 0.1}, {"lr": 0.02, "weight_decay": 0.0}])
    yield optimizer("RMSprop", "defaults", {})
    yield optimizer("RMSprop", "other alpha and eps", {"lr": 0.02, "alpha": 0.8, "eps": 1e-3})
    yield optimizer("RMSprop", "alpha below a half", {"lr": 0.02, "alpha": 0.3, "centered": True})
    yield optimizer("RMSprop", "weight decay", {"weight_decay": 0.2})
    yield optimizer("RMSprop", "momentum", {"momentum": 0.9})
    yield optimizer("RMSprop", "centered", {"centered": True})
    yield optimizer("RMSprop", "centered, momentum and weight decay",
                    {"alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.1})
    yield optimizer("RMSprop", "two groups", {"momentum": 0.5},
                    [{"lr": 0.05, "weight_decay": 0.1}, {"lr": 0.02, "weight_decay": 0.0}])


# ---- schedules ----------------------------------------------------------------------------------

def schedule(op, name, lr, build, args):
    engine = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = build(engine)
    rates = []
    for _ in range(30):
        rates.append(plain(engine.param_groups[0]["lr"]))
        engine.step()
        scheduler.step()
    return {"op": op, "name": name, "args": plain_args({"lr": lr, **args}), "rates": rates}


def plateau(name, lr, metrics, args):
    engine = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(engine, **args)
    rates = []
    for metric in metrics:
        rates.append(plain(engine.param_groups[0]["lr"]))
        engine.step()
        scheduler.step(metric)
    return {"op": "ReduceLROnPlateau", "name": name,
            "args": plain_args({"lr": lr, **args, "metrics": metrics}), "rates": rates}


def from_formula(op, name, args, rate):
    return {"op": op, "name": name, "args": plain_args(args),
            "rates": [plain(rate(t, **args)) for t in range(30)]}


def warmup_cosine(t, lr, min_lr, warmup, decay_steps):
    """nanoGPT's get_lr."""
    if t < warmup:
        return lr * (t + 1) / (warmup + 1)
    if t > decay_steps:
        return min_lr
    ratio = (t - warmup) / (decay_steps - warmup)
    return min_lr + 0.5 * (1 + math.cos(math.pi * ratio)) * (lr - min_lr)


def noam(t, d_model, warmup, factor):
    """Vaswani et al. 2017, section 5.3; their first step is 1."""
    step = t + 1
    return factor * d_model ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)


def schedules():
    s = torch.optim.lr_scheduler
    yield schedule("StepLR", "plain", 0.1, lambda o: s.StepLR(o, 4, 0.5),
                   {"step_size": 4, "gamma": 0.5})
    yield schedule("StepLR", "defaults", 0.1, lambda o: s.StepLR(o, 10), {"step_size": 10})
    yield schedule("ExponentialLR", "plain", 0.1, lambda o: s.ExponentialLR(o, 0.9),
                   {"gamma": 0.9})
    yield schedule("MultiStepLR", "two milestones", 0.1, lambda o: s.MultiStepLR(o, [4, 9], 0.5),
                   {"milestones": [4, 9], "gamma": 0.5})
    yield schedule("MultiStepLR", "defaults", 0.1, lambda o: s.MultiStepLR(o, [7]),
                   {"milestones": [7]})
    yield schedule("LambdaLR", "1 / (1 + t)", 0.1, lambda o: s.LambdaLR(o, lambda t: 1 / (1 + t)),
                   {})
    cosine = schedule("CosineAnnealingLR", "rises again", 0.1,
                      lambda o: s.CosineAnnealingLR(o, 10, 0.01), {"T_max": 10, "eta_min": 0.01})
    for t, rate in enumerate(cosine["rates"]):
        assert math.isclose(rate, 0.01 + 0.09 * (1 + math.cos(math.pi * t / 10)) / 2)
    yield cosine
    yield schedule("CosineAnnealingLR", "to zero", 0.1, lambda o: s.CosineAnnealingLR(o, 40),
                   {"T_max": 40})
    yield schedule("LinearLR", "defaults", 0.3, s.LinearLR, {})
    yield schedule("LinearLR", "down", 0.3, lambda o: s.LinearLR(o, 1.0, 0.2, 12),
                   {"start_factor": 1.0, "end_factor": 0.2, "total_iters": 12})
    yield schedule("SequentialLR", "linear over 5, then cosine", 0.1, lambda o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1.0, 5), s.CosineAnnealingLR(o, 20, 0.001)], [5]),
        {"milestones": [5], "start_factor": 0.1, "end_factor": 1.0, "total_iters": 5, "T_max": 20,
         "eta_min": 0.001})
    yield schedule("SequentialLR", "step, exponential, step", 0.1, lambda o: s.SequentialLR(
        o, [s.StepLR(o, 3, 0.5), s.ExponentialLR(o, 0.8), s.StepLR(o, 2, 0.1)], [7, 15]),
        {"milestones": [7, 15], "step_sizes": [3, 2], "gammas": [0.5, 0.8, 0.1]})
    def one_cycle(name, **args):
        return schedule("OneCycleLR", name, 0.1, lambda o: s.OneCycleLR(
            o, **args, cycle_momentum=False), args)
    yield one_cycle("defaults", max_lr=0.5, total_steps=30)
    yield one_cycle("longer, other shares", max_lr=0.2, total_steps=40, pct_start=0.5,
                    div_factor=10, final_div_factor=50)
    yield one_cycle("only down", max_lr=0.2, total_steps=32, pct_start=0.0)
    yield one_cycle("only up", max_lr=0.2, total_steps=32, pct_start=1.0)
    # Falls, stays, falls by less than the threshold, rises.
    falling = [round(2 / (1 + t), 3) for t in range(8)]
    metrics = [*falling, *[0.25] * 9, 0.24999, 0.24998, 0.2, *[0.3] * 10]
    yield plateau("defaults", 0.1, [1] * 30, {})
    yield plateau("patience 2", 0.1, metrics, {"patience": 2, "factor": 0.5})
    yield plateau("without patience", 0.1, metrics, {"patience": 0, "factor": 0.5})
    yield plateau("cooldown", 0.1, metrics, {"patience": 1, "cooldown": 3, "factor": 0.5})
    yield plateau("least rate", 0.1, metrics, {"patience": 1, "factor": 0.5, "min_lr": 0.02})
    yield plateau("threshold", 0.1, metrics, {"patience": 1, "factor": 0.5, "threshold": 0.3})
    yield plateau("steps too small to be made", 0.1, metrics,
                  {"patience": 1, "factor": 0.5, "eps": 0.01})
    yield plateau("larger is better", 0.1, [1 / x for x in metrics],
                  {"patience": 2, "factor": 0.5, "mode": "max"})
    yield plateau("NaN is bad", 0.1, [nan, 1, nan, 0.9, *[nan] * 10, 0.1, *[inf] * 5],
                  {"patience": 2, "factor": 0.5})
    yield from_formula("WarmupCosineLR", "nanoGPT's", {"lr": 0.01, "min_lr": 0.001, "warmup": 5,
                                                       "decay_steps": 25}, warmup_cosine)
    yield from_formula("WarmupCosineLR", "without a warm-up", {"lr": 0.01, "min_lr": 0, "warmup": 0,
                                                               "decay_steps": 29}, warmup_cosine)
    yield from_formula("NoamLR", "plain", {"d_model": 512, "warmup": 10, "factor": 1}, noam)
    yield from_formula("NoamLR", "factor 2", {"d_model": 64, "warmup": 4, "factor": 2}, noam)


# ---- clipping -----------------------------------------------------------------------------------

def clip(op, name, clipper, args, grads=None):
    """Inputs are gradients; outputs the norm (where there is one) and the clipped gradients."""
    draw = Draw(f"{op}: {name}")
    grads = grads or [draw.cotangent(shape) for shape in ((2, 2), (3,), ())]
    parameters = [torch.zeros_like(g).requires_grad_() for g in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    norm = clipper(parameters)
    outputs = ([] if norm is None else [norm]) + [p.grad for p in parameters]
    return {"op": op, "name": name, "args": plain_args(args),
            "inputs": [tensor_json(g) for g in grads], "outputs": [tensor_json(o) for o in outputs]}


def clips():
    def by_norm(name, max_norm, norm_type=2.0, grads=None):
        args = {"max_norm": max_norm, "norm_type": norm_type}
        return clip("clip_grad_norm_", name, lambda ps: nn.utils.clip_grad_norm_(ps, **args), args,
                    grads)

    def by_value(name, value, grads=None):
        return clip("clip_grad_value_", name, lambda ps: nn.utils.clip_grad_value_(ps, value),
                    {"clip_value": value}, grads)
    given = lambda *rows: [torch.tensor(row, dtype=torch.float64) for row in rows]
    for p in (1.0, 2.0, inf):
        yield by_norm(f"norm {p}", 0.5, p)
    yield by_norm("below the limit", 100.0)
    yield by_norm("at the limit", 5.0, 2.0, given([3.0], [4.0]))
    yield by_norm("zeros", 1.0, 2.0, given([0.0, 0.0]))
    yield by_norm("NaN spoils all", 1.0, 2.0, given([1.0, nan], [2.0]))
    yield by_norm("infinity", 1.0, 2.0, given([1.0, inf], [2.0]))
    yield by_value("plain", 0.7)
    yield by_value("NaN and infinities", 1.0, given([nan, inf, -inf, 0.5]))


# ---- initialisers -------------------------------------------------------------------------------

def fact(op, name, args, value):
    return {"op": op, "name": name, "args": plain_args(args),
            "outputs": [tensor_json(torch.tensor(value, dtype=torch.float64))]}


def initialisers():
    for name in ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        yield fact("calculate_gain", name, {"nonlinearity": name}, nn.init.calculate_gain(name))
    yield fact("calculate_gain", "leaky_relu with slope 0.2",
               {"nonlinearity": "leaky_relu", "slope": 0.2},
               nn.init.calculate_gain("leaky_relu", 0.2))
    for shape in ([3, 5], [4, 3, 2], [12, 4]):
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
        for gain in (1.0, 5 / 3):
            args = {"shape": shape, "gain": gain}
            name = f"{shape}, gain {gain:.3f}"
            total = fan_in + fan_out
            yield fact("xavier_uniform_", name, args, gain * math.sqrt(6 / total))
            yield fact("xavier_normal_", name, args, gain * math.sqrt(2 / total))
        for a, mode, kind in ((0, "fan_in", "leaky_relu"), (0.2, "fan_in", "leaky_relu"),
                              (0, "fan_out", "relu"), (0, "fan_in", "tanh")):
            gain = nn.init.calculate_gain(kind, a)
            args = {"shape": shape, "a": a, "mode": mode, "nonlinearity": kind}
            name = f"{shape}, a {a}, {mode}, {kind}"
            fan = fan_in if mode == "fan_in" else fan_out
            yield fact("kaiming_uniform_", name, args, gain * math.sqrt(3 / fan))
            yield fact("kaiming_normal_", name, args, gain / math.sqrt(fan))


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    write("optimizers.json", [*optimizers(), *schedules(), *clips(), *initialisers()])


if __name__ == "__main__":
    main()
