"""The work of step.cpp by PyTorch: the weights and the batch that it saved, the same steps, a like
line of JSON. usage: OMP_NUM_THREADS=N python step.py FILE [--steps N] [--warmup N] ..."""
import argparse
import json
import math
import statistics
import time
import warnings

STARTED = time.monotonic()


def memory_mb(name):
    """VmHWM, the most memory that this process ever held, or VmRSS, what it holds now."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024 / 1e6


warnings.filterwarnings("ignore", message="Failed to initialize NumPy")  # nothing here needs it
import torch
from torch import nn
from torch.nn import functional as F

MEMORY_AFTER_IMPORT = memory_mb("VmRSS")


def load(path):
    """The header and the tensors, in their order."""
    with open(path, "rb") as file:
        header = json.loads(file.readline())
        tensors = {}
        for entry in header["tensors"]:
            dtype = getattr(torch, entry["dtype"])
            count = torch.Size(entry["shape"]).numel()
            data = bytearray(file.read(count * dtype.itemsize))
            tensors[entry["name"]] = torch.frombuffer(data, dtype=dtype).view(entry["shape"])
    return header, tensors


class Attention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj, self.out_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, mask, cache):
        b, t, c = x.shape
        q, k, v = self.in_proj(x).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        if cache is not None:
            if cache:
                k, v = torch.cat((cache[0], k), dim=2), torch.cat((cache[1], v), dim=2)
            cache[:] = k, v
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask,
                                           dropout_p=self.dropout if self.training else 0.0,
                                           is_causal=mask is None and t > 1)
        return self.out_proj(y.transpose(1, 2).reshape(b, t, c))


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads, dropout)
        self.linear1, self.linear2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None, cache=None):
        x = x + self.dropout(self.attn(self.norm1(x), mask, cache))
        h = F.gelu(self.linear1(self.norm2(x)), approximate="tanh")
        return x + self.dropout(self.linear2(h))


class Transformer(nn.Module):
    """Causal unless there is padding."""

    def __init__(self, layers, heads, dropout, vocabulary, length, width):
        super().__init__()
        self.token, self.position = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.token.weight
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, padding=None, caches=None):
        start = caches[0][0].shape[2] if caches and caches[0] else 0
        x = self.token(ids) + self.position.weight[start:start + ids.shape[1]]
        x = self.dropout(x)
        mask = None if padding is None else ~padding[:, None, None, :]
        for i, block in enumerate(self.blocks):
            x = block(x, mask, caches[i] if caches else None)
        return self.head(self.norm(x))

    def loss(self, ids, targets, padding=None):
        return F.cross_entropy(self(ids, padding).flatten(0, 1), targets.flatten())

    def sample(self, ids):
        """Continues a token up to the model's length."""
        new_tokens = self.position.num_embeddings - 1
        caches, last = [[] for _ in self.blocks], ids[:1, :1]
        for _ in range(new_tokens):
            probabilities = F.softmax(self(last, caches=caches)[:, -1], dim=-1)
            last = torch.multinomial(probabilities, 1)
        return new_tokens


class MLP(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
                         nn.Linear(16, 1))

    def loss(self, x, y):
        return F.mse_loss(self(x), y)


BATCH = ("ids", "targets", "padding", "x", "y")


def own_name(name):
    """Of a parameter of rill's models; the last norm of the encoder's is inside "encoder"."""
    for old, new in (("encoder.layers.", "blocks."), ("encoder.norm.", "norm."),
                     ("self_attn.", "attn."), ("in_proj_", "in_proj."),
                     ("token_embedding.", "token."), ("positions.", "position.")):
        name = name.replace(old, new)
    return name


def make(header, tensors):
    """The model with the weights of the file, and its batch."""
    if header["kind"] == "mlp":
        model = MLP()
    else:
        length, width = tensors["positions.weight"].shape
        model = Transformer(header["layers"], header["heads"], header["dropout"],
                            len(tensors["token_embedding.weight"]), length, width)
    model.load_state_dict({own_name(n): t for n, t in tensors.items() if n not in BATCH})
    return model, {name: tensors[name] for name in BATCH if name in tensors}


def new_optimizer(model):
    """Of PyTorch's forms of AdamW the fastest on every model of the recipes."""
    return torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, fused=True)


@torch.no_grad()
def evaluate(model, batch):
    model.eval()
    loss = model.loss(**batch).item()
    model.train()
    return loss


def train(model, batch, optimizer, steps, seconds=math.inf):
    """So many steps, or as many as end within `seconds`."""
    parameters = list(model.parameters())
    times, deadline = [], time.perf_counter() + seconds
    while len(times) < steps and time.perf_counter() < deadline:
        start = time.perf_counter()
        loss = model.loss(**batch)
        forward = time.perf_counter()
        loss.backward()
        backward = time.perf_counter()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        end = time.perf_counter()
        times.append((end - start, forward - start, backward - forward, end - backward))
    names = ("step_ms", "forward_ms", "backward_ms", "optimizer_ms")
    medians = {name: 1e3 * statistics.median(column) for name, column in zip(names, zip(*times))}
    return {"steps": len(times), **medians}


def mb_of(tensors):
    """Each piece of memory counts once."""
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
    return sum(storages.values()) / 1e6


def tensor_memory(model, batch):
    """The tensors that a training must hold, by one step; kept: by the graph of the loss."""
    parameters = list(model.parameters())
    optimizer = new_optimizer(model)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        loss = model.loss(**batch)
    given = parameters + list(batch.values())
    kept = mb_of(saved + given) - mb_of(given)
    loss.backward()
    gradients = mb_of(p.grad for p in parameters)
    optimizer.step()
    state = [t for state in optimizer.state.values() for t in state.values()]
    optimizer.zero_grad()
    return {"parameters_mb": mb_of(parameters), "gradients_mb": gradients,
            "optimizer_mb": mb_of(state), "kept_mb": kept}


@torch.inference_mode()
def sampling_speed(model, batch, samples):
    if samples == 0 or "ids" not in batch or "padding" in batch:
        return None
    model.eval()
    speeds = []
    for _ in range(samples + 1):
        start = time.perf_counter()
        speeds.append(model.sample(batch["ids"]) / (time.perf_counter() - start))
    return statistics.median(speeds[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--started", type=float, default=STARTED)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    args = parser.parse_args()

    torch.manual_seed(1)
    model, batch = make(*load(args.file))
    if args.dtype == "float64":  # to see what rounding does to the losses
        model.double()
        batch = {name: t.double() if t.is_floating_point() else t for name, t in batch.items()}
    loss_before = evaluate(model, batch)
    first_loss = time.monotonic() - args.started
    optimizer = new_optimizer(model)
    train(model, batch, optimizer, args.warmup)
    loss_after_warmup = evaluate(model, batch)
    times = train(model, batch, optimizer, args.steps, args.seconds)
    loss_after = evaluate(model, batch)
    memory = memory_mb("VmHWM")
    print(json.dumps({
        "engine": "pytorch", "threads": torch.get_num_threads(), **times,
        "loss_before": loss_before, "loss_after_warmup": loss_after_warmup,
        "loss_after": loss_after, "rss_mb": memory, "rss_growth_mb": memory - MEMORY_AFTER_IMPORT,
        **tensor_memory(model, batch),
        "first_loss_s": first_loss,
        "tokens_per_s": sampling_speed(model, batch, args.samples)}))


main()
