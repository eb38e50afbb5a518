"""embedding, index_select, gather, scatter_add, one_hot, and what masks and counts tell."""
import torch
import torch.nn.functional as F

from fixture import Floats, Given, bools, ints, nan


def embeddings(cases):
    def embedding(weight, ids, **args):
        return F.embedding(ids, weight, **args)

    def sample(name, weight, ids, args=None):
        # padding_idx and scale_grad_by_freq bend the gradient on purpose: no finite differences.
        cases.add("embedding", name, embedding, [weight, ids], args, gradcheck=args is None)
    sample("batch", Floats(4, 2), ints([[0, 3], [1, 2]]))
    sample("repeated ids", Floats(3, 2), ints([1, 1, 0, 1]))
    sample("one id", Floats(3, 2), ints(2))
    sample("no ids", Floats(3, 2), ints([], [0]))
    sample("no ids in a batch", Floats(3, 2), ints([], [2, 0]))
    sample("three dimensions of ids", Floats(3, 1), ints([[[0, 1]], [[2, 2]]]))
    sample("padding", Floats(3, 2), ints([[0, 1], [1, 2]]), {"padding_idx": 1})
    sample("padding at zero", Floats(3, 2), ints([0, 0, 2]), {"padding_idx": 0})
    sample("scaled by frequency", Floats(3, 2), ints([0, 2, 2, 2]), {"scale_grad_by_freq": True})
    sample("scaled by frequency, padding", Floats(3, 2), ints([[1, 1], [0, 0]]),
           {"padding_idx": 0, "scale_grad_by_freq": True})
    sample("width 0", Floats(3, 0), ints([1, 2]))
    sample("transposed", Floats(3, 2, layout="transposed"), ints([[0, 1], [2, 0]],
                                                                 layout="transposed"))
    sample("sliced", Floats(3, 2, layout="sliced"), ints([2, 0, 1], layout="sliced"))


def selects(cases):
    def index_select(x, index, dim):
        return torch.index_select(x, dim, index)

    def sample(name, x, index, dim):
        cases.add("index_select", name, index_select, [x, index], {"dim": dim})
    sample("rows", Floats(3, 2), ints([2, 0]), 0)
    sample("columns", Floats(2, 3), ints([1]), 1)
    sample("repeated", Floats(3, 2), ints([1, 1, 0, 1]), 0)
    sample("negative dim", Floats(2, 3), ints([0, 2]), -1)
    sample("middle of three", Floats(2, 3, 2), ints([2, 2]), 1)
    sample("one dimension", Floats(4), ints([3, 0, 3]), 0)
    sample("nothing", Floats(3, 2), ints([], [0]), 0)
    sample("no columns", Floats(3, 0), ints([1, 2]), 0)
    sample("transposed", Floats(3, 2, layout="transposed"), ints([2, 1]), 0)
    sample("sliced", Floats(2, 3, layout="sliced"), ints([2, 0], layout="sliced"), 1)
    sample("integers", ints([[1, 2], [3, 4]]), ints([1, 0]), 0)


def taken(cases):
    def take(x, index, dim):
        return torch.take_along_dim(x, index, dim)

    def sample(name, x, index, dim):
        cases.add("take_along_dim", name, take, [x, index], {"dim": dim})
    sample("rows", Floats(3, 2), ints([[0, 2], [1, 1]]), 0)
    sample("columns", Floats(2, 3), ints([[2, 0], [1, 1]]), 1)
    sample("one row for all", Floats(2, 3), ints([[2, 0]]), 1)
    sample("one x for all", Floats(1, 3), ints([[2], [0]]), -1)
    sample("both broadcast", Floats(2, 1, 3), ints([[[2, 0], [1, 1]]]), 2)
    sample("middle of three", Floats(2, 3, 2), ints([[[0, 2]], [[1, 1]]]), 1)
    sample("nothing", Floats(2, 3), ints([], [2, 0]), 1)
    sample("transposed", Floats(3, 2, layout="transposed"), ints([[0, 1]]), 0)
    sample("sliced", Floats(2, 3, layout="sliced"), ints([[0, 1], [2, 0]], layout="sliced"), 1)


def gathers(cases):
    def gather(x, index, dim):
        return torch.gather(x, dim, index)

    def sample(name, x, index, dim):
        cases.add("gather", name, gather, [x, index], {"dim": dim})
    sample("rows", Floats(3, 2), ints([[0, 2], [1, 1]]), 0)
    sample("columns", Floats(2, 3), ints([[2, 0], [1, 1]]), 1)
    sample("negative dim", Floats(2, 3), ints([[2], [0]]), -1)
    sample("index smaller off the dim", Floats(3, 3), ints([[2, 0, 1, 1]]), 1)
    sample("index longer than x", Floats(2), ints([1, 0, 1, 1]), 0)
    sample("middle of three", Floats(2, 3, 2), ints([[[0, 2]], [[1, 1]]]), 1)
    sample("scalars", Floats(), ints(0), 0)
    sample("nothing", Floats(2, 3), ints([], [2, 0]), 1)
    sample("no rows", Floats(0, 3), ints([], [0, 1]), 1)
    sample("transposed", Floats(3, 2, layout="transposed"),
           ints([[0, 1], [2, 0]], layout="transposed"), 0)
    sample("sliced", Floats(2, 3, layout="sliced"), ints([[0, 1], [2, 0]], layout="sliced"), 1)
    sample("integers", ints([[1, 2], [3, 4]]), ints([[1], [0]]), 1)


def scatters(cases):
    def scatter_add(x, index, source, dim):
        return torch.scatter_add(x, dim, index, source)

    def sample(name, x, index, source, dim):
        cases.add("scatter_add", name, scatter_add, [x, index, source], {"dim": dim})
    sample("rows", Floats(3, 2), ints([[0, 2], [1, 2]]), Floats(2, 2), 0)
    sample("columns", Floats(2, 3), ints([[2, 0], [1, 1]]), Floats(2, 2), 1)
    sample("one dimension, repeated", Floats(3), ints([1, 1, 0, 1]), Floats(4), 0)
    sample("negative dim", Floats(2, 3), ints([[2], [0]]), Floats(2, 1), -1)
    sample("smaller off the dim", Floats(3, 3), ints([[2, 0]]), Floats(1, 2), 1)
    sample("middle of three", Floats(2, 2, 2), ints([[[0, 1]], [[1, 1]]]), Floats(2, 1, 2), 1)
    sample("nothing", Floats(2, 3), ints([], [2, 0]), Floats(2, 0), 1)
    sample("no rows", Floats(0, 3), ints([], [0, 1]), Floats(0, 1), 1)
    sample("scalars", Floats(), ints(0), Floats(), 0)
    sample("transposed", Floats(3, 2, layout="transposed"),
           ints([[0, 1], [2, 0]], layout="transposed"), Floats(2, 2, layout="transposed"), 0)
    sample("sliced", Floats(2, 3, layout="sliced"), ints([[0, 1], [2, 0]], layout="sliced"),
           Floats(2, 2, layout="sliced"), 1)
    sample("only the source wants a gradient", Floats(2, grad=False), ints([0, 0]), Floats(2), 0)


def one_hots(cases):
    def sample(name, ids, args=None):
        cases.add("one_hot", name, F.one_hot, [ids], args)
    sample("one dimension", ints([0, 2, 1]), {"num_classes": 3})
    sample("classes from the ids", ints([0, 2, 1]))
    sample("more classes", ints([1]), {"num_classes": 4})
    sample("scalar", ints(1), {"num_classes": 3})
    sample("two dimensions", ints([[0, 1], [1, 1]]), {"num_classes": 2})
    sample("three dimensions", ints([[[0], [1]]]), {"num_classes": 2})
    sample("empty", ints([], [0]), {"num_classes": 3})
    sample("empty batch", ints([], [2, 0]), {"num_classes": 2})
    sample("transposed", ints([[0, 1], [2, 0], [1, 1]], layout="transposed"), {"num_classes": 3})
    sample("sliced", ints([2, 0], layout="sliced"), {"num_classes": -1})


def masks(cases):
    def nonzeros(name, x):
        cases.add("nonzero", name, torch.nonzero, [x])
    nonzeros("matrix", ints([[0, 2], [3, 0]]))
    nonzeros("bools", bools([[True, False, True]]))
    nonzeros("floats", Given([0.0, -0.0, nan, 1.5, -2.0], grad=False))
    nonzeros("scalar", ints(3))
    nonzeros("scalar zero", ints(0))
    nonzeros("three dimensions", ints([[[0, 1]], [[2, 0]]]))
    nonzeros("nothing there", ints([0, 0]))
    nonzeros("empty", ints([], [0, 2]))
    nonzeros("transposed", ints([[0, 1], [2, 0], [1, 1]], layout="transposed"))
    nonzeros("sliced", ints([2, 0, 1], layout="sliced"))

    def selects_masked(name, x, mask):
        cases.add("masked_select", name, torch.masked_select, [x, mask])
    mask = [[True, False, True], [False, True, False]]
    selects_masked("matrix", Floats(2, 3), bools(mask))
    selects_masked("mask broadcast", Floats(2, 3), bools([True, False, True]))
    selects_masked("x broadcast", Floats(3), bools(mask))
    selects_masked("both broadcast", Floats(2, 1), bools([True, False, True]))
    selects_masked("scalars", Floats(), bools(True))
    selects_masked("nothing", Floats(2), bools([False, False]))
    selects_masked("empty", Floats(0, 3), bools([], [0, 3]))
    selects_masked("transposed", Floats(3, 2, layout="transposed"), bools(mask, [3, 2]))
    selects_masked("sliced", Floats(2, 3, layout="sliced"), bools(mask, layout="sliced"))
    selects_masked("integers", ints([1, 2]), bools([False, True]))

    def counts(name, ids, args=None):
        cases.add("bincount", name, lambda x, **more: torch.bincount(x, **more), [ids], args)
    counts("ids", ints([0, 2, 2, 5]))
    counts("longer", ints([1, 1]), {"minlength": 4})
    counts("minlength below the largest", ints([6]), {"minlength": 2})
    counts("empty", ints([], [0]))
    counts("empty, longer", ints([], [0]), {"minlength": 3})
    counts("one", ints([0]))
    counts("sliced", ints([3, 0, 3], layout="sliced"))
    counts("many", ints([4, 4, 4, 1, 0, 4]))


def add(cases):
    masks(cases)
    embeddings(cases)
    selects(cases)
    gathers(cases)
    taken(cases)
    scatters(cases)
    one_hots(cases)
