"""where, masked_fill, tril, triu."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan

MASK = [[True, False, True], [False, True, False]]


def wheres(cases):
    def sample(name, condition, a, b, **more):
        cases.add("where", name, torch.where, [condition, a, b], **more)
    sample("plain", bools(MASK), Floats(2, 3), Floats(2, 3))
    sample("scalars", bools(True), Floats(), Floats())
    sample("condition broadcast", bools([True, False, True]), Floats(2, 3), Floats(2, 3))
    sample("all broadcast", bools([[True], [False]]), Floats(3), Floats(1, 3))
    sample("scalar branches", bools(MASK), Floats(), Floats())
    sample("branches larger than the condition", bools(False), Floats(2, 2), Floats(2))
    sample("no elements", bools([], [0, 3]), Floats(0, 3), Floats(3))
    sample("transposed", bools(MASK, [3, 2], layout="transposed"),
           Floats(3, 2, layout="transposed"), Floats(3, 2))
    sample("sliced", bools(MASK, layout="sliced"), Floats(2, 3, layout="sliced"),
           Floats(2, 3, layout="sliced"))
    sample("higher", bools([[[True]], [[False]]]), Floats(2, 2, 2), Floats(2, 1))
    sample("one branch wants a gradient", bools(MASK), Floats(2, 3), Floats(2, 3, grad=False))
    sample("integers", bools([True, False]), ints([1, 2]), ints([3, 4]))
    sample("NaN in the branch not taken", bools([True, False]), Given([1.0, nan]),
           Given([nan, 2.0]), gradcheck=False)


def wheres_of_numbers(cases):
    def right(condition, x, other):
        return torch.where(condition, x, torch.tensor(other).to(x))

    def left(condition, x, input):
        return torch.where(condition, torch.tensor(input).to(x), x)
    cases.add("where", "number on the right", right, [bools(MASK), Floats(2, 3)], {"other": 0.0})
    cases.add("where", "number on the left", left, [bools(MASK), Floats(2, 3)], {"input": -1.5})
    cases.add("where", "integers and a number", right, [bools([True, False]), ints([1, 2])],
              {"other": 7})


def fills(cases):
    def by_number(name, x, mask, value=1.5, **more):
        cases.add("masked_fill", name, lambda x, mask, value: x.masked_fill(mask, value),
                  [x, mask], {"value": value}, **more)

    def by_tensor(name, x, mask, value):
        cases.add("masked_fill", name, lambda x, mask, value: x.masked_fill(mask, value),
                  [x, mask, value])
    by_number("plain", Floats(2, 3), bools(MASK))
    by_number("minus infinity", Floats(2, 3), bools(MASK), -inf, gradcheck=False)
    by_number("mask broadcast", Floats(2, 3), bools([True, False, False]))
    by_number("column mask", Floats(2, 2, 2), bools([[True], [False]]))
    by_number("scalar", Floats(), bools(True))
    by_number("scalar mask", Floats(2), bools(False))
    by_number("no elements", Floats(0, 3), bools([], [0, 3]))
    by_number("transposed", Floats(3, 2, layout="transposed"), bools(MASK, [3, 2]))
    by_number("sliced", Floats(2, 3, layout="sliced"), bools(MASK, layout="sliced"))
    by_number("integers", ints([1, 2, 3]), bools([True, False, False]), 9)
    by_number("NaN under the mask", Given([nan, 1.0]), bools([True, False]), gradcheck=False)
    by_tensor("tensor value", Floats(2, 3), bools(MASK), Floats())
    by_tensor("tensor value, mask broadcast", Floats(2, 3), bools([True, False, True]), Floats())
    by_tensor("tensor value, nothing masked", Floats(2), bools([False, False]), Floats())


def triangles(cases):
    for op in ("tril", "triu"):
        function = getattr(torch, op)

        def sample(name, x, args=None, **more):
            cases.add(op, name, function, [x], args, **more)
        sample("square", Floats(3, 3))
        sample("wide", Floats(2, 4))
        sample("tall", Floats(4, 2))
        sample("diagonal above", Floats(3, 3), {"diagonal": 1})
        sample("diagonal below", Floats(3, 3), {"diagonal": -1})
        sample("diagonal beyond", Floats(2, 3), {"diagonal": 5})
        sample("diagonal far below", Floats(2, 3), {"diagonal": -5})
        sample("batch", Floats(2, 2, 3), {"diagonal": 1})
        sample("no rows", Floats(0, 3))
        sample("no batch", Floats(0, 2, 2))
        sample("transposed", Floats(3, 3, layout="transposed"))
        sample("sliced", Floats(2, 3, layout="sliced"))
        sample("NaN outside vanishes",
               Given([[1.0, nan], [2.0, 3.0]] if op == "tril" else [[1.0, 2.0], [nan, 3.0]]),
               gradcheck=False)
        sample("integers", ints([[1, 2], [3, 4]]))
        sample("bools", bools([[True, True], [True, True]]), {"diagonal": 0})


def add(cases):
    wheres(cases)
    wheres_of_numbers(cases)
    fills(cases)
    triangles(cases)
