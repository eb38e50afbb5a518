"""Arithmetic and functions of one number."""
import torch

from fixture import Floats, Given, inf, ints, nan
from samples.shapes import binary, unary


def scalar_operand(cases, op, function):
    right = lambda x, scalar: function(x, scalar)
    left = lambda x, scalar, reverse: function(scalar, x)
    cases.add(op, "number on the right", right, [Floats(2, 2)], {"scalar": 1.5})
    cases.add(op, "number on the left", left, [Floats(2, 2)], {"scalar": 1.5, "reverse": True})


def arithmetic(cases):
    binary(cases, "add", torch.add)
    binary(cases, "sub", torch.sub)
    binary(cases, "mul", torch.mul)
    binary(cases, "div", torch.div, low_b=0.4)
    scalar_operand(cases, "add", lambda a, b: a + b)
    scalar_operand(cases, "sub", lambda a, b: a - b)
    scalar_operand(cases, "mul", lambda a, b: a * b)
    scalar_operand(cases, "div", lambda a, b: a / b)
    for op in ("add", "sub", "mul", "div"):
        cases.add(op, "integers", getattr(torch, op), [ints([7, -3, 4]), ints([[2], [5]])])
    cases.add("div", "by zero", torch.div, [Given([1.0, -1.0, 0.0]), Given([0.0, 0.0, 0.0])],
              gradcheck=False)
    cases.add("mul", "zero by infinity", torch.mul, [Given([0.0, nan, 2.0]),
                                                     Given([inf, 0.0, -inf])], gradcheck=False)
    cases.add("sub", "infinities", torch.sub, [Given([inf, inf, 1.0]), Given([inf, -inf, nan])],
              gradcheck=False)


def power(cases):
    binary(cases, "pow", torch.pow, low=0.3, high=2.5, low_b=-2, high_b=2)
    by_number = lambda x, exponent: torch.pow(x, exponent)
    for exponent in (2, 3, -1, 0.5, 2.5):
        cases.add("pow", f"number {exponent}", by_number, [Floats(2, 2, low=0.3)],
                  {"exponent": exponent})
    cases.add("pow", "of a number", lambda x, base: torch.pow(base, x), [Floats(2, 3)],
              {"base": 1.5})
    cases.add("pow", "number 0", by_number, [Floats(3)], {"exponent": 0})
    cases.add("pow", "number 1", by_number, [Floats(3)], {"exponent": 1})
    cases.add("pow", "negative bases squared", by_number, [Floats(3, low=-2, high=-0.3)],
              {"exponent": 2})
    cases.add("pow", "negative bases cubed", by_number, [Floats(3, low=-2, high=-0.3)],
              {"exponent": 3})
    cases.add("pow", "zero bases, number 0.5", by_number, [Given([0.0, 1.0])], {"exponent": 0.5},
              gradcheck=False)
    cases.add("pow", "zero bases, number 2", by_number, [Given([0.0, 1.0])], {"exponent": 2})
    cases.add("pow", "zero bases, number 0", by_number, [Given([0.0, nan])], {"exponent": 0},
              gradcheck=False)
    cases.add("pow", "zero to the zero, NaN to the zero", torch.pow,
              [Given([0.0, nan, 2.0]), Given([0.0, 0.0, 0.0])], gradcheck=False)
    cases.add("pow", "negative base, fractional exponent", torch.pow,
              [Given([-1.5, -2.0]), Given([0.5, 1.5])], gradcheck=False)
    cases.add("pow", "zero base", torch.pow,
              [Given([0.0, 0.0, 0.0, 0.0]), Given([0.5, 1.0, 2.0, 3.5])], gradcheck=False)
    cases.add("pow", "zero base, negative exponent", torch.pow, [Given([0.0]), Given([-1.0])],
              gradcheck=False)


def functions(cases):
    unary(cases, "neg", torch.neg)
    unary(cases, "exp", torch.exp)
    unary(cases, "log", torch.log, low=0.1, high=3)
    unary(cases, "log1p", torch.log1p, low=-0.7, high=3)
    unary(cases, "sqrt", torch.sqrt, low=0.1, high=3)
    unary(cases, "rsqrt", torch.rsqrt, low=0.2, high=3)
    unary(cases, "sin", torch.sin, low=-5, high=5)
    unary(cases, "cos", torch.cos, low=-5, high=5)
    unary(cases, "abs", torch.abs)
    unary(cases, "erf", torch.erf)
    ends = [Given([0.0, -1.0, inf, -inf, nan])]
    for op in ("neg", "exp", "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "abs", "erf"):
        cases.add(op, "ends and NaN", getattr(torch, op), ends, gradcheck=False)
    cases.add("neg", "integers", torch.neg, [ints([3, -4, 0])])
    cases.add("abs", "integers", torch.abs, [ints([3, -4, 0])])
    cases.add("log1p", "next to zero", torch.log1p, [Given([1e-10, -1e-8])], gradcheck=False)
    cases.add("exp", "overflow and underflow", torch.exp, [Given([1000.0, -1000.0])],
              gradcheck=False)


def steps(cases):
    for op in ("sign", "floor", "ceil", "round"):
        function = getattr(torch, op)
        unary(cases, op, function, away_from=(-1.5, -1.0, -0.5, 0.5, 1.0, 1.5))
        cases.add(op, "at the steps", function,
                  [Given([-2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.5])], gradcheck=False)
        cases.add(op, "large, ends and NaN", function,
                  [Given([2.0 ** 60, -2.0 ** 30 - 0.5, inf, -inf] + ([] if op == "sign" else [nan]))],
                  gradcheck=False)
        cases.add(op, "integers", function, [ints([3, -4, 0])])


def divisions(cases):
    for op in ("floor_divide", "remainder"):
        function = getattr(torch, op)
        wants = op == "remainder"
        binary(cases, op, function, low=-5, high=5, low_b=0.7, high_b=2.3, grad=wants)
        signs = [5.5, -5.5, 5.5, -5.5, 6.0, -6.0, 0.0]
        cases.add(op, "signs", function, [Given(signs, grad=False),
                                          Given([2.0, 2.0, -2.0, -2.0, 3.0, 3.0, 3.0], grad=False)])
        cases.add(op, "by zero, ends and NaN", function,
                  [Given([1.0, -1.0, 0.0, nan, inf, 5.0, -5.0], grad=False),
                   Given([0.0, 0.0, 0.0, 1.0, 2.0, inf, inf], grad=False)])
        cases.add(op, "just below a whole number", function,
                  [Given([1.0, 0.3, 6.0], grad=False), Given([0.1, 0.1, 0.1], grad=False)],
                  float32=False)
        cases.add(op, "integers", function, [ints([7, -7, 7, -7, 6, 0, -2 ** 52]),
                                             ints([3, 3, -3, -3, -2, 5, -1])])
        cases.add(op, "number", lambda x, scalar, f=function: f(x, scalar),
                  [Given([[5.5, -5.5], [4.0, 0.3]], grad=wants)], {"scalar": 1.5},
                  gradcheck=False)
        cases.add(op, "integers with a number", lambda x, scalar, f=function: f(x, scalar),
                  [ints([7, -7, 6])], {"scalar": 4})


def clamps(cases):
    away = (-0.5, 0.75)
    for name, args in (("both bounds", {"min": -0.5, "max": 0.75}),
                       ("a lower bound", {"min": -0.5}),
                       ("an upper bound", {"max": 0.75})):
        cases.add("clamp", name, torch.clamp, [Floats(2, 3, away_from=away)], args)
    unary(cases, "clamp", torch.clamp, away_from=away, args={"min": -0.5, "max": 0.75})
    cases.add("clamp", "passes the gradient at its bounds", torch.clamp,
              [Given([-1.0, -0.5, 0.0, 0.75, 1.0])], {"min": -0.5, "max": 0.75}, gradcheck=False)
    cases.add("clamp", "bounds crossed give the upper", torch.clamp, [Given([-1.0, 0.1, 3.0])],
              {"min": 2.0, "max": 1.0}, gradcheck=False)
    cases.add("clamp", "NaN and infinities", torch.clamp, [Given([nan, inf, -inf])],
              {"min": -1.0, "max": 1.0}, gradcheck=False)


def extremes(cases):
    for op in ("maximum", "minimum"):
        function = getattr(torch, op)
        binary(cases, op, function)
        cases.add(op, "ties share by halves", function,
                  [Given([1.0, 2.0, -1.0]), Given([1.0, 1.0, -1.0])], gradcheck=False)
        cases.add(op, "NaN wins", function,
                  [Given([nan, 1.0, nan, inf]), Given([1.0, nan, nan, nan])], gradcheck=False)
        cases.add(op, "integers", function, [ints([3, -4, 0]), ints([1, 2, 0])])
        cases.add(op, "number", lambda x, scalar, f=function: f(x, torch.tensor(scalar).to(x)),
                  [Floats(2, 3)], {"scalar": 0.0})


def add(cases):
    arithmetic(cases)
    steps(cases)
    divisions(cases)
    power(cases)
    functions(cases)
    clamps(cases)
    extremes(cases)
