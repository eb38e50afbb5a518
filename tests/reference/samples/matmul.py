"""Products: matmul, bmm, outer, linear, and cosine_similarity."""
import torch
import torch.nn.functional as F

from fixture import Floats, Given, nan


def add(cases):
    def sample(name, a, b, layout_a="contiguous", layout_b="contiguous"):
        cases.add("matmul", name, torch.matmul,
                  [Floats(*a, layout=layout_a), Floats(*b, layout=layout_b)])
    sample("matrices", (2, 3), (3, 2))
    sample("one by one", (1, 1), (1, 1))
    sample("odd sizes", (5, 7), (7, 3))
    sample("vectors", (3,), (3,))
    sample("row by matrix", (3,), (3, 2))
    sample("matrix by column", (2, 3), (3,))
    sample("row by batch", (2,), (2, 2, 3))
    sample("batch by column", (2, 3, 2), (2,))
    sample("batch", (2, 2, 3), (2, 3, 2))
    sample("batch by matrix", (2, 2, 3), (3, 2))
    sample("matrix by batch", (2, 3), (2, 3, 1))
    sample("batches broadcast", (2, 1, 1, 2), (3, 2, 2))
    sample("batch of one broadcast", (1, 2, 2), (3, 2, 1))
    sample("left transposed", (2, 3), (3, 2), "transposed")
    sample("right transposed", (2, 3), (3, 2), "contiguous", "transposed")
    sample("both transposed", (3, 2), (2, 3), "transposed", "transposed")
    sample("sliced", (2, 3), (3, 2), "sliced", "sliced")
    sample("batch transposed", (2, 2, 3), (2, 3, 2), "transposed", "sliced")
    sample("column sliced", (2, 3), (3,), "transposed", "sliced")
    sample("expanded", (2, 3), (3, 2), "expanded", "expanded")
    sample("batch expanded", (2, 2, 2), (2, 2, 1), "expanded")
    sample("inner size 0", (2, 0), (0, 3))
    sample("no rows", (0, 3), (3, 2))
    sample("no columns", (2, 3), (3, 0))
    sample("no batch", (0, 2, 3), (3, 2))
    sample("empty vectors", (0,), (0,))
    sample("batch with inner size 0", (2, 2, 0), (2, 0, 1))
    cases.add("matmul", "NaN by zero", torch.matmul,
              [Given([[nan, 1.0], [0.0, 1.0]]), Given([[0.0], [0.0]])], gradcheck=False)
    linears(cases)
    products(cases)


def products(cases):
    def bmm(name, a, b, layout_a="contiguous", layout_b="contiguous"):
        cases.add("bmm", name, torch.bmm, [Floats(*a, layout=layout_a), Floats(*b, layout=layout_b)])
    bmm("plain", (2, 2, 3), (2, 3, 2))
    bmm("one matrix", (1, 2, 2), (1, 2, 1))
    bmm("rows by columns", (2, 1, 3), (2, 3, 1))
    bmm("columns by rows", (2, 3, 1), (2, 1, 2))
    bmm("transposed", (2, 2, 3), (2, 3, 2), "transposed", "transposed")
    bmm("sliced", (2, 2, 3), (2, 3, 2), "sliced", "sliced")
    bmm("no batch", (0, 2, 3), (0, 3, 2))
    bmm("inner size 0", (2, 2, 0), (2, 0, 1))

    def outer(name, a, b, layout="contiguous"):
        cases.add("outer", name, torch.outer, [Floats(a, layout=layout), Floats(b)])
    outer("plain", 2, 3)
    outer("square", 3, 3)
    outer("one by many", 1, 4)
    outer("many by one", 4, 1)
    outer("one by one", 1, 1)
    outer("sliced", 3, 2, "sliced")
    outer("no rows", 0, 2)
    outer("no columns", 2, 0)

    def cosine(name, a, b, args=None, layout="contiguous", **more):
        cases.add("cosine_similarity", name,
                  lambda x, y, dim=1, eps=1e-8: F.cosine_similarity(x, y, dim, eps),
                  [Floats(*a, layout=layout), Floats(*b)], args, **more)
    cosine("rows", (2, 3), (2, 3))
    cosine("columns", (2, 3), (2, 3), {"dim": 0})
    cosine("last of three", (2, 2, 3), (2, 2, 3), {"dim": -1})
    cosine("broadcast", (2, 1, 3), (2, 3), {"dim": 2})
    cosine("vectors", (4,), (4,), {"dim": 0})
    cosine("transposed", (3, 2), (3, 2), layout="transposed")
    cosine("sliced", (2, 3), (2, 3), layout="sliced")
    cosine("no rows", (0, 3), (0, 3))
    # PyTorch's gradient there is that of the norm, as if it were not held at eps.
    cases.add("cosine_similarity", "large eps", lambda x, y, eps: F.cosine_similarity(x, y, 1, eps),
              [Floats(2, 3, grad=False), Floats(2, 3, grad=False)], {"eps": 100.0})

    def normalized(name, x, args=None, **more):
        cases.add("normalize", name,
                  lambda x, p=2.0, dim=1, eps=1e-12: F.normalize(x, p, dim, eps), [x], args, **more)
    normalized("rows", Floats(2, 3))
    normalized("columns", Floats(2, 3), {"dim": 0})
    normalized("last of three", Floats(2, 2, 3), {"dim": -1})
    normalized("by the 1-norm", Floats(2, 3), {"p": 1.0})
    normalized("a row of zeros", Given([[0.0, 0.0], [3.0, 4.0]]), gradcheck=False)
    normalized("no rows", Floats(0, 3))
    normalized("transposed", Floats(3, 2, layout="transposed"))
    normalized("sliced", Floats(2, 3, layout="sliced"))


def linear(x, weight, *bias, **_):
    return F.linear(x, weight, *bias)


def linears(cases):
    """`bias` is the position of the bias among the inputs."""
    def sample(name, x, weight, bias=None):
        cases.add("linear", name, linear, [x, weight] + ([bias] if bias else []),
                  {"bias": 2} if bias else {})
    sample("batch", Floats(2, 3), Floats(4, 3), Floats(4))
    sample("without a bias", Floats(2, 3), Floats(2, 3))
    sample("one vector", Floats(3), Floats(2, 3), Floats(2))
    sample("one vector without a bias", Floats(3), Floats(2, 3))
    sample("two leading dimensions", Floats(2, 2, 3), Floats(2, 3), Floats(2))
    sample("three leading dimensions", Floats(2, 1, 2, 2), Floats(3, 2))
    sample("one output", Floats(2, 3), Floats(1, 3), Floats(1))
    sample("empty batch", Floats(0, 3), Floats(2, 3), Floats(2))
    sample("no inputs give the bias", Floats(2, 0), Floats(3, 0), Floats(3))
    sample("transposed", Floats(3, 2, layout="transposed"), Floats(2, 2, layout="transposed"),
           Floats(2))
    sample("leading dimensions transposed", Floats(2, 3, 2, layout="transposed"), Floats(2, 2),
           Floats(2))
    sample("sliced", Floats(2, 3, layout="sliced"), Floats(2, 3, layout="sliced"),
           Floats(2, layout="sliced"))
    sample("expanded", Floats(2, 3, layout="expanded"), Floats(2, 3), Floats(2))
    sample("only the weight wants a gradient", Floats(2, 3, grad=False), Floats(2, 3),
           Floats(2, grad=False))
