"""scaled_dot_product_attention and packed_attention, which takes query, key and value in one tensor;
`mask` is the position of the mask among the inputs."""
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from fixture import Floats, Given, bools, inf, nan


def attention(*xs, mask=None, is_causal=False, alignment="top_left", scale=None):
    query, key, value = xs[:3]
    mask = None if mask is None else xs[mask]
    if is_causal and alignment == "bottom_right":
        rows, columns = query.shape[-2], key.shape[-2]
        mask = torch.ones(rows, columns, dtype=torch.bool).tril(columns - rows)
        is_causal = False
    with sdpa_kernel(SDPBackend.MATH):
        return F.scaled_dot_product_attention(query, key, value, mask, is_causal=is_causal,
                                              scale=scale)


def plain(sample):
    sample("one head", [Floats(2, 3), Floats(2, 3), Floats(2, 3)])
    sample("batch", [Floats(2, 2, 2)] * 3)
    sample("batch and heads", [Floats(1, 2, 3, 2)] * 3)
    sample("lengths differ", [Floats(2, 2), Floats(3, 2), Floats(3, 2)])
    sample("another width of values", [Floats(2, 2), Floats(3, 2), Floats(3, 1)])
    sample("scale", [Floats(2, 2)] * 3, {"scale": 0.3})
    sample("one position", [Floats(1, 2)] * 3)
    sample("no queries", [Floats(0, 2), Floats(2, 2), Floats(2, 2)])
    sample("no batch", [Floats(0, 2, 2)] * 3)
    sample("transposed", [Floats(3, 2, layout="transposed")] * 3)
    sample("sliced", [Floats(2, 2, layout="sliced")] * 3)
    sample("heads transposed", [Floats(1, 2, 2, 2, layout="transposed")] * 3)
    sample("large scores", [Given([[200.0, 0.0], [0.0, -300.0]])] * 3, gradcheck=False)


def masks(sample):
    sample("bool mask", [Floats(2, 2), Floats(3, 2), Floats(3, 2),
                         bools([[True, False, True], [True, True, False]])], {"mask": 3})
    sample("bool mask over batch and heads",
           [Floats(2, 2, 2, 1)] * 3 + [bools([[[[True, False]]], [[[True, True]]]])], {"mask": 3})
    sample("bool mask, one row per query", [Floats(1, 2, 2, 2)] * 3
           + [bools([[True, False], [True, True]])], {"mask": 3})
    sample("float mask", [Floats(2, 2)] * 3 + [Floats(2, 2, grad=False)], {"mask": 3})
    sample("float mask, broadcast", [Floats(2, 2, 2)] * 3 + [Floats(1, 1, 2, grad=False)],
           {"mask": 3})
    sample("float mask with a gradient", [Floats(2, 2)] * 3 + [Floats(2, 2)], {"mask": 3})
    sample("float mask of minus infinity", [Floats(2, 2)] * 3
           + [Given([[0.0, -inf], [-inf, 0.5]], grad=False)], {"mask": 3})
    sample("a fully masked row", [Floats(2, 2), Floats(3, 2), Floats(3, 2),
                                  bools([[False, False, False], [True, True, False]])], {"mask": 3})
    sample("a row of minus infinity", [Floats(2, 2)] * 3
           + [Given([[-inf, -inf], [0.0, 0.5]], grad=False)], {"mask": 3})
    sample("a finite mask gives the mean", [Given([[0.5], [0.5]])] + [Floats(2, 1)] * 2
           + [Given([[-1e9, -1e9], [0.0, 0.0]], grad=False)], {"mask": 3}, gradcheck=False,
           float32=False)
    sample("NaN in a masked value", [Floats(2, 2, grad=False), Floats(2, 2, grad=False),
                                     Given([[1.0, 2.0], [nan, 3.0]], grad=False),
                                     bools([[True, False], [True, True]])], {"mask": 3})


def causal(sample):
    sample("causal", [Floats(3, 2)] * 3, {"is_causal": True})
    sample("causal batch and heads", [Floats(2, 1, 2, 2)] * 3, {"is_causal": True})
    for alignment in ("top_left", "bottom_right"):
        args = {"is_causal": True, "alignment": alignment}
        sample(f"causal, more keys, {alignment}", [Floats(2, 2), Floats(3, 2), Floats(3, 2)], args)
        sample(f"causal, more queries, {alignment}", [Floats(3, 2), Floats(2, 2), Floats(2, 2)],
               args)


def packed_attention(qkv, *masks, mask=None, **options):
    mask = None if mask is None else mask + 2
    return attention(*qkv.unbind(0), *masks, mask=mask, **options)


def packed(sample):
    sample("one head", [Floats(3, 2, 3)])
    sample("batch", [Floats(3, 2, 2, 2)])
    sample("batch and heads", [Floats(3, 2, 2, 3, 2)])
    sample("three leading sizes", [Floats(3, 1, 2, 1, 2, 2)])
    sample("scale", [Floats(3, 2, 2)], {"scale": 0.3})
    sample("no batch", [Floats(3, 0, 2, 2)])
    sample("transposed", [Floats(3, 1, 2, 3, 2, layout="transposed")])
    sample("sliced", [Floats(3, 1, 2, 2, 2, layout="sliced")])
    sample("causal", [Floats(3, 2, 1, 3, 2)], {"is_causal": True})
    sample("bool mask", [Floats(3, 2, 2), bools([[True, False], [True, True]])], {"mask": 1})
    sample("a fully masked row", [Floats(3, 2, 2), bools([[False, False], [True, False]])],
           {"mask": 1})
    sample("float mask with a gradient", [Floats(3, 2, 2), Floats(2, 2)], {"mask": 1})


def add(cases):
    def sample(name, inputs, args=None, **more):
        cases.add("scaled_dot_product_attention", name, attention, inputs, args, **more)
    plain(sample)
    masks(sample)
    causal(sample)

    def packed_sample(name, inputs, args=None, **more):
        cases.add("packed_attention", name, packed_attention, inputs, args, **more)
    packed(packed_sample)
