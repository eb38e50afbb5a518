"""Rotary position encodings, turned as complex numbers."""
import torch

from fixture import Floats, Given


def rotary(x, offset=0, dim=None, base=10000.0, interleaved=False):
    length, width = x.shape[-2:]
    dim = width if dim is None else dim
    turned, rest = x[..., :dim], x[..., dim:]
    steps = base ** (-2 * torch.arange(dim // 2, dtype=torch.float64) / dim)
    angles = (offset + torch.arange(length, dtype=torch.float64))[:, None] * steps
    turn = torch.polar(torch.ones_like(angles), angles)
    if interleaved:
        a, b = turned[..., 0::2], turned[..., 1::2]
    else:
        a, b = turned[..., :dim // 2], turned[..., dim // 2:]
    out = torch.complex(a, b) * turn
    if interleaved:
        out = torch.stack([out.real, out.imag], -1).flatten(-2)
    else:
        out = torch.cat([out.real, out.imag], -1)
    return torch.cat([out, rest], -1)


def packed_rotary(qkv, **options):
    return torch.cat([rotary(qkv[:2], **options), qkv[2:]])


def add(cases):
    def case(name, x, **args):
        cases.add("rotary", name, rotary, [x], args or None)

    vector = [[1.0, 2.0, 3.0, 4.0]] * 4
    case("from position 0", Given(vector))
    case("interleaved", Given(vector), interleaved=True)
    case("position 100", Given(vector[:1]), offset=100)
    case("position 100, interleaved", Given(vector[:1]), offset=100, interleaved=True)
    case("part of the width", Floats(2, 3, 5), dim=4, offset=2)
    case("part of the width, interleaved", Floats(2, 3, 5), dim=2, interleaved=True)
    case("heads", Floats(2, 2, 3, 4), offset=1, base=100.0)
    case("transposed", Floats(3, 4, layout="transposed"), offset=3)
    case("sliced", Floats(3, 4, layout="sliced"), interleaved=True)
    case("expanded", Floats(3, 2, 4, layout="expanded"))
    case("one pair", Floats(3, 2))
    case("nothing turns", Floats(2, 3), dim=0)
    case("no positions", Floats(2, 0, 4))
    case("no width", Floats(2, 0))

    def packed(name, x, **args):
        cases.add("packed_rotary", name, packed_rotary, [x], args or None)

    packed("heads", Floats(3, 2, 2, 3, 4))
    packed("interleaved, from position 5", Floats(3, 1, 2, 3, 4), offset=5, interleaved=True)
    packed("part of the width", Floats(3, 1, 1, 3, 5), dim=4, base=100.0)
    packed("transposed", Floats(3, 1, 2, 3, 2, layout="transposed"))
    packed("sliced", Floats(3, 2, 1, 2, 4, layout="sliced"))
    packed("nothing turns", Floats(3, 1, 1, 2, 3), dim=0)
    packed("no batch", Floats(3, 0, 2, 2, 2))
    packed("no positions", Floats(3, 1, 2, 0, 2))
