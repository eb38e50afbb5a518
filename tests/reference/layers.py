"""Writes layers.json: layers and whole models with weights, outputs and every gradient."""
import copy
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

from fixture import (Draw, Floats, Given, as_list, bools, ints, near, numbers, plain_args,
                     tensor_json, write)
from models import GPT, LearnedPositionalEncoding, PositionalEncoding, SegmentEmbedding


class LayerCases:
    def __init__(self):
        self.items = []

    def add(self, op, name, module, inputs, args=None, call=None, cotangents=None, after=()):
        """`inputs` maps names to specs. `call(module, *inputs)` runs it. `cotangents` are drawn
        unless given. `after` names parameters whose values after the call are outputs too."""
        draw = Draw(f"{op}: {name}")
        module = draw_parameters(module, draw)
        call = call or (lambda m, *xs: m(*xs))
        values = [spec.resolve(draw) for spec in inputs.values()]
        case = {"op": op, "name": name}
        if args:
            case["args"] = plain_args(args)
        case["inputs"] = [input_json(*item) for item in zip(inputs, inputs.values(), values)]
        case["parameters"] = [tensor_json(p, name=n) for n, p in module.named_parameters()]
        wanted = [spec.grad and x.is_floating_point() for spec, x in zip(inputs.values(), values)]
        fresh = copy.deepcopy(module)
        outputs, cotangents, grads, parameter_grads = run(module, call, values, wanted, draw,
                                                          cotangents)
        case["outputs"] = [tensor_json(o) for o in outputs] + [
            tensor_json(module.get_parameter(n), name=n) for n in after]
        case["cotangents"] = [None if c is None else numbers(c) for c in cotangents]
        case["grads"] = [None if g is None else numbers(g) for g in grads]
        case["parameter_grads"] = [None if g is None else numbers(g) for g in parameter_grads]
        if not holds_in_float32(fresh, call, values, wanted, cotangents,
                                [*outputs, *grads, *parameter_grads]):
            case["float32"] = False
            print(f"  not compared in float32: {op}: {name}")
        self.items.append(case)


def draw_parameters(module, draw):
    module = module.double()
    for name, parameter in module.named_parameters():
        norm = "norm" in name or "ln_" in name
        low, high = (0.5, 1.5) if norm and name.endswith("weight") else (-0.6, 0.6)
        values = [round(draw.random.uniform(low, high), 3) for _ in range(parameter.numel())]
        parameter.data = torch.tensor(values, dtype=torch.float64).reshape(parameter.shape)
    return module


def input_json(name, spec, value):
    more = {"name": name}
    if spec.layout != "contiguous":
        more["layout"] = spec.layout
    if spec.grad and value.is_floating_point():
        more["requires_grad"] = True
    return tensor_json(value, **more)


def run(module, call, values, wanted, draw, cotangents):
    leaves = [x.clone().requires_grad_(w) for x, w in zip(values, wanted)]
    outputs = as_list(call(module, *leaves))
    if cotangents is None:
        cotangents = [draw.cotangent(o.shape) if o.requires_grad else None for o in outputs]
    pairs = [(o, c.to(o.dtype)) for o, c in zip(outputs, cotangents) if c is not None]
    asked = [x for x in leaves if x.requires_grad] + list(module.parameters())
    found = iter(torch.autograd.grad([o for o, _ in pairs], asked, [c for _, c in pairs],
                                     allow_unused=True) if asked else ())
    grads = [next(found) if x.requires_grad else None for x in leaves]
    return outputs, cotangents, grads, list(found)


def holds_in_float32(module, call, values, wanted, cotangents, results):
    single = [x.float() if x.is_floating_point() else x for x in values]
    outputs, _, grads, parameter_grads = run(module.float(), call, single, wanted, None, cotangents)
    pairs = zip([*outputs, *grads, *parameter_grads], results)
    return all(near(a, b) for a, b in pairs if b is not None)


# ---- layers -------------------------------------------------------------------------------------

def linears(cases):
    def sample(name, x, bias=True):
        n = x.shape[-1]
        cases.add("nn.Linear", name, nn.Linear(n, 2, bias=bias), {"x": x},
                  {"in_features": n, "out_features": 2, "bias": bias})
    sample("batch", Floats(4, 3))
    sample("one vector", Floats(3))
    sample("two leading dimensions", Floats(2, 2, 3))
    sample("without a bias", Floats(2, 3), bias=False)
    sample("without a bias, two leading dimensions", Floats(2, 2, 3), bias=False)
    sample("transposed", Floats(3, 2, layout="transposed"))
    sample("sliced", Floats(2, 3, layout="sliced"))
    sample("empty batch", Floats(0, 3))


def embeddings(cases):
    def sample(name, ids, after=(), **options):
        cases.add("nn.Embedding", name, nn.Embedding(4, 3, **options), {"ids": ids},
                  {"num_embeddings": 4, "embedding_dim": 3, **options}, after=after)
    sample("batch", ints([[0, 3], [1, 1]]))
    sample("one id", ints(2))
    sample("no ids", ints([], [2, 0]))
    sample("padding", ints([[0, 2], [2, 1]]), padding_idx=2)
    sample("padding from the end", ints([[0, 3], [3, 1]]), padding_idx=-1)
    sample("scaled by frequency", ints([0, 1, 1, 1]), scale_grad_by_freq=True)
    sample("max_norm", ints([[0, 2], [2, 1]]), after=["weight"], max_norm=0.5)
    sample("max_norm of the 1-norm", ints([3, 1]), after=["weight"], max_norm=0.7, norm_type=1.0)
    sample("max_norm and padding", ints([3, 1]), after=["weight"], max_norm=0.4, padding_idx=1)


def encodings(cases):
    def sinusoidal(name, x, d, offset=0, base=10000.0):
        cases.add("nn.PositionalEncoding", name, PositionalEncoding(d, base=base), {"x": x},
                  {"d_model": d, "max_len": 16, "offset": offset, "base": base},
                  call=lambda m, x: m(x, offset))
    sinusoidal("batch", Floats(2, 3, 4), 4)
    sinusoidal("no batch", Floats(3, 6), 6)
    sinusoidal("odd width", Floats(3, 5), 5)
    sinusoidal("offset", Floats(1, 2, 4), 4, offset=13)
    sinusoidal("another base", Floats(3, 4), 4, base=100.0)
    for name, x, offset in (("batch", Floats(2, 3, 4), 0), ("no batch", Floats(3, 4), 0),
                            ("offset", Floats(2, 2, 4), 3)):
        cases.add("nn.LearnedPositionalEncoding", name, LearnedPositionalEncoding(5, 4), {"x": x},
                  {"max_len": 5, "d_model": 4, "offset": offset},
                  call=lambda m, x, offset=offset: m(x, offset))
    for name, x, ids in (("batch", Floats(2, 3, 2), ints([[0, 0, 1], [0, 1, 1]])),
                         ("no batch", Floats(3, 2), ints([1, 0, 1])),
                         ("one segment used", Floats(1, 2, 2), ints([[1, 1]]))):
        cases.add("nn.SegmentEmbedding", name, SegmentEmbedding(2, 2),
                  {"x": x, "segment_ids": ids}, {"num_segments": 2, "d_model": 2})


def norms(cases):
    def layer(name, x, shape, **options):
        cases.add("nn.LayerNorm", name, nn.LayerNorm(shape, **options), {"x": x},
                  {"normalized_shape": shape, **options})

    def rms(name, x, shape, **options):
        cases.add("nn.RMSNorm", name, nn.RMSNorm(shape, **options), {"x": x},
                  {"normalized_shape": shape, **options})
    for add in (layer, rms):
        add("batch", Floats(2, 3, 4), [4])
        add("two dims", Floats(2, 2, 3), [2, 3])
        add("without parameters", Floats(2, 4), [4], elementwise_affine=False)
        add("eps", Floats(2, 4), [4], eps=1e-2)
        add("transposed", Floats(3, 2, layout="transposed"), [2])
    layer("without a bias", Floats(2, 4), [4], bias=False)


def activations(cases):
    for op, module, args in (("ReLU", nn.ReLU(), {}), ("GELU", nn.GELU(), {}),
                             ("GELU", nn.GELU("tanh"), {"approximate": "tanh"}),
                             ("SiLU", nn.SiLU(), {}), ("Tanh", nn.Tanh(), {}),
                             ("Sigmoid", nn.Sigmoid(), {}), ("Softplus", nn.Softplus(), {}),
                             ("Softplus", nn.Softplus(2.0, 3.0), {"beta": 2.0, "threshold": 3.0}),
                             ("Softmax", nn.Softmax(-1), {"dim": -1}),
                             ("LogSoftmax", nn.LogSoftmax(0), {"dim": 0})):
        cases.add(f"nn.{op}", "with options" if args else "plain", module, {"x": Floats(2, 3)},
                  args)


def reshapes(cases):
    cases.add("nn.Identity", "plain", nn.Identity(), {"x": Floats(2, 3)})
    for name, args in (("plain", {}), ("all", {"start_dim": 0}),
                       ("the first two", {"start_dim": 0, "end_dim": 1}),
                       ("from the end", {"start_dim": -3, "end_dim": -2})):
        cases.add("nn.Flatten", name, nn.Flatten(**args), {"x": Floats(2, 2, 3)}, args)
    cases.add("nn.Flatten", "transposed", nn.Flatten(),
              {"x": Floats(2, 3, 2, layout="transposed")})
    cases.add("nn.Flatten", "nothing to flatten", nn.Flatten(), {"x": Floats(2, 3)})


def losses(cases):
    def sample(op, name, module, inputs, args=None):
        cases.add(op, name, module, dict(zip(("input", "target"), inputs)), args)
    sample("nn.CrossEntropyLoss", "plain", nn.CrossEntropyLoss(), [Floats(2, 3), ints([2, 0])])
    weights = [0.5, 1.0, 3.0]
    sample("nn.CrossEntropyLoss", "all options",
           nn.CrossEntropyLoss(torch.tensor(weights), ignore_index=1, label_smoothing=0.1,
                               reduction="sum"), [Floats(3, 3), ints([2, 1, 0])],
           {"weight": weights, "ignore_index": 1, "label_smoothing": 0.1, "reduction": "sum"})
    sample("nn.MSELoss", "plain", nn.MSELoss(), [Floats(2, 3), Floats(2, 3)])
    sample("nn.MSELoss", "sum", nn.MSELoss(reduction="sum"), [Floats(2, 2), Floats(2, 2)],
           {"reduction": "sum"})
    target = Given([[0.0, 1.0, 0.25], [1.0, 0.5, 0.0]], grad=False)
    sample("nn.BCEWithLogitsLoss", "plain", nn.BCEWithLogitsLoss(), [Floats(2, 3), target])
    sample("nn.BCEWithLogitsLoss", "pos_weight",
           nn.BCEWithLogitsLoss(pos_weight=torch.tensor(weights), reduction="none"),
           [Floats(2, 3), target], {"pos_weight": weights, "reduction": "none"})


# ---- attention ----------------------------------------------------------------------------------

def attention_call(need_weights=True, average_attn_weights=True, attn_mask=None,
                   key_padding_mask=None, is_causal=False):
    """Runs a MultiheadAttention; the masks are positions among the inputs."""
    def call(module, *xs):
        query, key, value = xs[:3]
        mask = None if attn_mask is None else xs[attn_mask]
        if is_causal:
            mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).triu(1)
        padding = None if key_padding_mask is None else xs[key_padding_mask]
        out, weights = module(query, key, value, attn_mask=mask, key_padding_mask=padding,
                              need_weights=need_weights, average_attn_weights=average_attn_weights)
        return (out, weights) if need_weights else out
    return call


def masked_rows_give_zeros(module, query, key, value, mask):
    """rill gives zeros for a fully masked row, with need_weights too, where PyTorch gives NaN: the
    output is PyTorch's without need_weights, the weights are its softmax with NaN made 0."""
    out, _ = module(query, key, value, attn_mask=mask, need_weights=False)
    with torch.no_grad():
        _, weights = module(query, key, value, attn_mask=mask, need_weights=True)
    return out, weights.nan_to_num(0)


def attentions(cases):
    def sample(name, inputs, options=None, call_args=None, width=4, heads=2, call=None):
        options, call_args = options or {}, call_args or {}
        names = ["query", "key", "value"] + [n for n in ("attn_mask", "key_padding_mask")
                                             if n in call_args]
        args = {"embed_dim": width, "num_heads": heads, **options, "need_weights": True,
                **call_args}
        module = nn.MultiheadAttention(width, heads, batch_first=True, **options)
        cases.add("nn.MultiheadAttention", name, module, dict(zip(names, inputs)), args,
                  call=call or attention_call(**call_args))

    def qkv(batch=2, length=2, keys=3, width=4, key_width=4, value_width=4):
        lead = () if batch is None else (batch,)
        return [Floats(*lead, length, width), Floats(*lead, keys, key_width),
                Floats(*lead, keys, value_width)]
    mask = bools([[False, True, False], [False, False, True]])
    padding = bools([[False, False, True], [False, True, True]])
    sample("cross attention", qkv(), call_args={"need_weights": False})
    sample("averaged weights", qkv())
    sample("weights of each head", qkv(), call_args={"average_attn_weights": False})
    sample("without a batch", qkv(None))
    sample("without biases", qkv(1), {"bias": False})
    sample("one head", qkv(1), heads=1)
    sample("bool mask", qkv() + [mask], call_args={"attn_mask": 3, "need_weights": False})
    sample("bool mask with weights", qkv(1) + [mask], call_args={"attn_mask": 3})
    sample("float mask", qkv(1) + [Floats(2, 3, grad=False)], call_args={"attn_mask": 3})
    sample("a mask for each head", qkv(1) + [bools(
        [[[False, True, False], [False, False, True]], [[True, False, False], [False] * 3]])],
           call_args={"attn_mask": 3, "need_weights": False})
    sample("padding", qkv() + [padding], call_args={"key_padding_mask": 3, "need_weights": False})
    sample("padding with weights", qkv() + [padding], call_args={"key_padding_mask": 3})
    sample("padding without a batch", qkv(None) + [bools([False, True, False])],
           call_args={"key_padding_mask": 3})
    sample("mask and padding", qkv() + [mask, bools([[False, False, False], [True, False, False]])],
           call_args={"attn_mask": 3, "key_padding_mask": 4, "need_weights": False})
    sample("causal", qkv(2, 3, 3), call_args={"is_causal": True, "need_weights": False})
    sample("other widths of keys and values", qkv(1, key_width=3, value_width=2),
           {"kdim": 3, "vdim": 2})
    fully = bools([[True, True, True], [False, True, False]])
    sample("a fully masked row", qkv(1) + [fully],
           call_args={"attn_mask": 3, "need_weights": False})
    sample("a fully masked row with weights", qkv(1) + [fully], call_args={"attn_mask": 3},
           call=masked_rows_give_zeros)
    sample("transposed", [Floats(2, 3, 4, layout="transposed"), Floats(2, 3, 4, layout="sliced"),
                          Floats(2, 3, 4)], call_args={"need_weights": False})


# ---- whole models -------------------------------------------------------------------------------

def encoders(cases):
    padding = bools([[False, False, False], [False, False, True]])
    causal = bools([[False, True, True], [False, False, True], [False, False, False]])

    def sample(name, norm_first, activation, final_norm=False, mask=None, layers=2):
        d, heads, hidden = 8, 2, 12
        layer = nn.TransformerEncoderLayer(d, heads, hidden, dropout=0.0, activation=activation,
                                           norm_first=norm_first, batch_first=True)
        norm = nn.LayerNorm(d) if final_norm else None
        module = nn.TransformerEncoder(layer, layers, norm, enable_nested_tensor=False)
        inputs = {"src": Floats(2, 3, d), **(mask or {})}
        names = list(mask or {})
        args = {"d_model": d, "num_heads": heads, "dim_feedforward": hidden, "num_layers": layers,
                "norm_first": norm_first, "activation": activation, "final_norm": final_norm}
        args.update({n: 1 for n in names})
        call = lambda m, x, *rest: m(x, **dict(zip(
            ["src_key_padding_mask" if n == "key_padding_mask" else "mask" for n in names], rest)))
        cases.add("nn.TransformerEncoder", name, module, inputs, args, call=call)
    sample("post-norm, relu, padding", False, "relu", mask={"key_padding_mask": padding})
    sample("pre-norm, gelu, final norm, padding", True, "gelu", True,
           {"key_padding_mask": padding})
    sample("post-norm, gelu", False, "gelu", layers=1)
    sample("pre-norm, relu, causal mask", True, "relu", layers=1, mask={"attn_mask": causal})


MASKS = {
    "tgt_mask": bools([[False, True, True], [False, False, True], [False, False, False]]),
    "memory_mask": bools([[False, True, False, False], [True, False, False, True],
                          [False, False, True, False]]),
    "tgt_key_padding_mask": bools([[False, False, False], [False, False, True]]),
    "memory_key_padding_mask": bools([[False, False, False, True], [False, False, True, False]]),
    "src_mask": bools([[False, True, True, False], [False, False, True, False],
                       [True, False, False, False], [False, False, False, False]]),
    "src_key_padding_mask": bools([[False, False, False, True], [False, False, True, False]]),
}


def add_with_masks(cases, op, name, module, sequences, args, masks):
    """`masks` maps names, which are those of the module's arguments, to specs; in `args` they are
    positions among the inputs."""
    inputs = {**sequences, **masks}
    args = {**args, **{n: i for i, n in enumerate(inputs) if n in masks}}
    call = lambda m, a, b, *rest: m(a, b, **dict(zip(masks, rest)))
    cases.add(op, name, module, inputs, args, call=call)


def sequences(batch, **lengths):
    lead = () if batch is None else (batch,)
    return {name: Floats(*lead, length, 4) for name, length in lengths.items()}


def decoders(cases):
    def sample(name, layers=1, final_norm=False, batch=2, masks=None, **options):
        options = {"dim_feedforward": 6, "norm_first": False, "activation": "relu", "bias": True,
                   **options}
        layer = nn.TransformerDecoderLayer(4, 2, dropout=0.0, batch_first=True, **options)
        norm = nn.LayerNorm(4, bias=options["bias"]) if final_norm else None
        add_with_masks(cases, "nn.TransformerDecoder", name,
                       nn.TransformerDecoder(layer, layers, norm),
                       sequences(batch, tgt=3, memory=4),
                       {"d_model": 4, "nhead": 2, "num_layers": layers, "final_norm": final_norm,
                        **options}, masks or {})

    def masks(*names):
        return {n: MASKS[n] for n in names}
    sample("post-norm")
    sample("pre-norm, gelu, final norm, two layers", 2, True, norm_first=True, activation="gelu")
    sample("post-norm, padding",
           masks=masks("tgt_key_padding_mask", "memory_key_padding_mask"))
    sample("pre-norm, causal target", norm_first=True, masks=masks("tgt_mask"))
    sample("post-norm, causal target and padding",
           masks=masks("tgt_mask", "tgt_key_padding_mask", "memory_key_padding_mask"))
    sample("post-norm, bool masks", masks=masks("tgt_mask", "memory_mask"))
    sample("pre-norm, float masks", norm_first=True,
           masks={"tgt_mask": Floats(3, 3, grad=False), "memory_mask": Floats(3, 4, grad=False)})
    sample("without biases, final norm", final_norm=True, bias=False)
    sample("without a batch", batch=None,
           masks={"tgt_key_padding_mask": bools([False, False, True]),
                  "memory_key_padding_mask": bools([True, False, False, False])})
    sample("eps", layer_norm_eps=1e-2)


def transformers(cases):
    def sample(name, layers=(1, 1), batch=2, masks=None, **options):
        options = {"dim_feedforward": 6, "norm_first": False, "activation": "relu", "bias": True,
                   **options}
        add_with_masks(cases, "nn.Transformer", name,
                       nn.Transformer(4, 2, *layers, dropout=0.0, batch_first=True, **options),
                       sequences(batch, src=4, tgt=3),
                       {"d_model": 4, "nhead": 2, "num_encoder_layers": layers[0],
                        "num_decoder_layers": layers[1], **options}, masks or {})
    sample("post-norm, every mask", masks=MASKS)
    sample("pre-norm, gelu", norm_first=True, activation="gelu")
    sample("post-norm, two layers and one, causal target", (2, 1),
           masks={"tgt_mask": MASKS["tgt_mask"]})
    sample("without biases", bias=False)
    sample("without a batch", batch=None)


def language_models(cases):
    config = {"vocab_size": 7, "block_size": 5, "n_layer": 2, "n_head": 2, "n_embd": 8}
    ids = ints([[3, 0, 6, 3], [1, 5, 2, 2]])
    targets = ints([[0, 6, 3, 4], [5, 2, 2, 0]])
    cases.add("GPT", "loss", GPT(**config), {"ids": ids, "targets": targets}, config,
              cotangents=[None, torch.ones(())])


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    cases = LayerCases()
    for group in (linears, embeddings, encodings, norms, activations, reshapes, losses, attentions,
                  encoders, decoders, transformers, language_models):
        group(cases)
    write("layers.json", cases.items)


if __name__ == "__main__":
    main()
