"""What other ops give together: lerp, addcmul, addcdiv, addmm, dot, nan_to_num, logit, count_nonzero,
unique."""
import torch

from fixture import Floats, Given, bools, inf, ints, nan

STRIDED = ("transposed", "sliced", "expanded")


def lerps(cases):
    def by_number(name, a, b, weight, **more):
        cases.add("lerp", name, lambda a, b, weight: torch.lerp(a, b, weight), [a, b],
                  {"weight": weight}, **more)

    def by_tensor(name, *inputs, **more):
        cases.add("lerp", name, torch.lerp, inputs, **more)
    for weight in (0, 0.3, 0.5, 0.8, 1, 1.5, -0.7):
        by_number(f"number {weight}", Floats(2, 3), Floats(2, 3), weight)
    by_number("number, broadcast", Floats(2, 1), Floats(3), 0.25)
    by_number("number 1 far apart", Given([1e17, 3.0]), Given([1.0, -1e17]), 1.0, gradcheck=False)
    by_tensor("weights", Floats(2, 3), Floats(2, 3), Floats(2, 3))
    by_tensor("broadcast", Floats(3), Floats(2, 1), Floats(2, 2, 1))
    by_tensor("one weight", Floats(2, 3), Floats(2, 3), Floats())
    by_tensor("scalars", Floats(), Floats(), Floats())
    by_tensor("no elements", Floats(0, 3), Floats(3), Floats(0, 1))
    by_tensor("weights beside a half", Given([1.0, 2.0, 3.0, 4.0]), Given([5.0, 4.0, 1.0, -1.0]),
              Given([0.5, -0.5, 1.0, 0.0]), gradcheck=False)
    by_tensor("infinite ends", Given([inf, 1.0, inf]), Given([1.0, -inf, nan]),
              Given([0.2, 0.7, 0.5]), gradcheck=False)
    by_tensor("strided", *(Floats(3, 2, layout=layout) for layout in STRIDED))


def products_added(cases):
    for op, low in (("addcmul", -2), ("addcdiv", 0.4)):
        def sample(name, x, a, b, value=None, function=getattr(torch, op), **more):
            cases.add(op, name, function, [x, a, b], {} if value is None else {"value": value},
                      **more)
        sample("plain", Floats(2, 3), Floats(2, 3), Floats(2, 3, low=low))
        sample("value", Floats(2, 3), Floats(2, 3), Floats(2, 3, low=low), -1.5)
        sample("value 0", Floats(3), Floats(3), Floats(3, low=low), 0)
        sample("broadcast", Floats(3), Floats(2, 1), Floats(2, 1, 1, low=low), 0.5)
        sample("x smaller", Floats(), Floats(2, 2), Floats(2, low=low))
        sample("scalars", Floats(), Floats(), Floats(low=low), 2)
        sample("no elements", Floats(0, 3), Floats(3), Floats(0, 1, low=low))
        sample("strided", *(Floats(3, 2, low=low, layout=layout) for layout in STRIDED), 0.5)
        sample("zeros and infinities", Given([1.0, 1.0, inf, nan]), Given([0.0, 2.0, 1.0, 1.0]),
               Given([inf, 0.0, -inf, 1.0]), gradcheck=False)
    cases.add("addcmul", "integers", torch.addcmul,
              [ints([1, 2, 3]), ints([2, -3, 4]), ints([5, 6, 7])], {"value": 2})


def matrix_products(cases):
    def sample(name, c, a, b, args=None, **more):
        cases.add("addmm", name, torch.addmm, [c, a, b], args, **more)
    sample("plain", Floats(2, 4), Floats(2, 3), Floats(3, 4))
    sample("factors", Floats(2, 4), Floats(2, 3), Floats(3, 4), {"beta": 0.5, "alpha": -2.0})
    sample("a row", Floats(4), Floats(2, 3), Floats(3, 4), {"beta": 2.0})
    sample("a column", Floats(2, 1), Floats(2, 3), Floats(3, 2))
    sample("a number", Floats(), Floats(2, 3), Floats(3, 2), {"alpha": 0.5})
    sample("without c", Floats(2, 2), Floats(2, 3), Floats(3, 2), {"beta": 0})
    sample("NaN times beta 0", Given([[nan, inf]]), Floats(2, 3), Floats(3, 2), {"beta": 0},
           gradcheck=False)
    sample("c alone", Floats(2, 2), Floats(2, 3), Floats(3, 2), {"alpha": 0})
    sample("inner size 0", Floats(2, 3), Floats(2, 0), Floats(0, 3), {"beta": 3.0})
    sample("no rows", Floats(3), Floats(0, 2), Floats(2, 3))
    sample("strided", *(Floats(2, 2, layout=layout) for layout in STRIDED))

    def dots(name, n, layout="contiguous"):
        cases.add("dot", name, torch.dot, [Floats(n, layout=layout), Floats(n)])
    for n in (1, 2, 3, 4, 7):
        dots(f"of {n}", n)
    dots("of none", 0)
    dots("sliced", 4, "sliced")
    cases.add("dot", "one wants a gradient", torch.dot, [Floats(3, grad=False), Floats(3)])
    cases.add("dot", "zero by infinity", torch.dot, [Given([0.0, 1.0]), Given([inf, 1.0])],
              gradcheck=False)


def numbers_for_nan(cases):
    def sample(name, x, args=None, **more):
        cases.add("nan_to_num", name, torch.nan_to_num, [x], args, **more)
    odd = [nan, inf, -inf, 1.5]
    sample("numbers alone", Floats(2, 3))
    sample("NaN", Given([nan, 1.0, -2.0]), gradcheck=False)
    sample("the dtype's ends", Given(odd), gradcheck=False)
    sample("all given", Given(odd), {"nan": 1.0, "posinf": 2.0, "neginf": -3.0}, gradcheck=False)
    sample("inf for NaN stays", Given(odd), {"nan": inf, "posinf": 7.0, "neginf": 8.0},
           gradcheck=False)
    sample("-inf for inf stays", Given(odd), {"posinf": -inf, "neginf": 5.0}, gradcheck=False)
    sample("scalar", Given(nan), {"nan": 3.0}, gradcheck=False)
    sample("integers", ints([1, -2]), {"nan": 3.0})
    sample("no elements", Floats(0, 2))
    sample("transposed", Floats(3, 2, layout="transposed"))
    sample("sliced", Given([[nan, 1.0], [inf, 2.0]], layout="sliced"), {"posinf": 4.0},
           gradcheck=False)


def logits(cases):
    def sample(name, x, args=None, **more):
        cases.add("logit", name, torch.logit, [x], args, **more)
    sample("shares", Floats(2, 3, low=0.05, high=0.95))
    sample("scalar", Floats(low=0.05, high=0.95))
    sample("ends and beyond", Given([0.0, 1.0, -0.5, 1.5, nan]), gradcheck=False)
    sample("held", Given([-1.0, 0.05, 0.4, 0.97, 2.0]), {"eps": 0.1})
    sample("held at 0", Given([-1.0, 0.25, 2.0]), {"eps": 0.0}, gradcheck=False)
    sample("held NaN", Given([nan, 0.3, inf, -inf]), {"eps": 0.2}, gradcheck=False)
    sample("no elements", Floats(0, 3))
    sample("transposed", Floats(3, 2, low=0.05, high=0.95, layout="transposed"))
    sample("sliced", Floats(2, 3, low=0.05, high=0.95, layout="sliced"), {"eps": 0.01})


def counts(cases):
    def sample(name, x, dims=None):
        cases.add("count_nonzero", name, lambda x, dims=None: torch.count_nonzero(x, dim=dims), [x],
                  None if dims is None else {"dims": dims})
    rows = [[0.0, 1.5, nan], [-0.0, inf, 0.0]]
    sample("all", Given(rows, grad=False))
    sample("rows", Given(rows, grad=False), [1])
    sample("columns", Given(rows, grad=False), [-2])
    sample("two dims", ints([[[1, 0], [0, 0]], [[2, -3], [0, 4]]]), [0, 2])
    sample("integers", ints([0, 3, -1]))
    sample("bools", bools([[True, False], [True, True]]), [0])
    sample("scalar", Given(2.5, grad=False))
    sample("no elements", Floats(0, 3, grad=False))
    sample("no elements along rows", Floats(0, 3, grad=False), [0])
    sample("transposed", ints([[0, 1], [2, 0], [1, 1]], layout="transposed"), [1])
    sample("sliced", ints([[0, 1], [2, 0]], layout="sliced"), [1])


def uniques(cases):
    def sample(name, x):
        cases.add("unique", name, torch.unique, [x])
    sample("integers", ints([3, -1, 3, 2, -1]))
    sample("matrix", Given([[2.0, 0.5], [0.5, -1.0]], grad=False))
    sample("all the same", ints([[4, 4], [4, 4]]))
    sample("each once", Floats(5, grad=False))
    sample("NaN and infinities", Given([nan, inf, -inf, nan, inf], grad=False))
    sample("bools", bools([True, False, True]))
    sample("scalar", ints(7))
    sample("no elements", Floats(0, 3, grad=False))
    sample("transposed", ints([[0, 1], [2, 0], [1, 1]], layout="transposed"))
    sample("sliced", ints([5, 3, 5], layout="sliced"))


def add(cases):
    lerps(cases)
    products_added(cases)
    matrix_products(cases)
    numbers_for_nan(cases)
    logits(cases)
    counts(cases)
    uniques(cases)
