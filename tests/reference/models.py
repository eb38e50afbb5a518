"""Modules that PyTorch lacks, written from their papers, and nanoGPT's model."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def sinusoidal_table(length, width, base=10000.0):
    """Vaswani et al. 2017, section 3.5; the angle from the pair's exponent."""
    rows = []
    for position in range(length):
        angles = [position / base ** (2 * (c // 2) / width) for c in range(width)]
        rows.append([math.cos(a) if c % 2 else math.sin(a) for c, a in enumerate(angles)])
    return torch.tensor(rows, dtype=torch.float64)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=16, base=10000.0):
        super().__init__()
        self.register_buffer("table", sinusoidal_table(max_len, d_model, base), persistent=False)

    def forward(self, x, offset=0):
        return x + self.table[offset:offset + x.shape[-2]].to(x.dtype)


class LearnedPositionalEncoding(nn.Module):
    def __init__(self, max_len, d_model):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(max_len, d_model))

    def forward(self, x, offset=0):
        return x + self.weight[offset:offset + x.shape[-2]]


class SegmentEmbedding(nn.Module):
    def __init__(self, num_segments, d_model):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_segments, d_model))

    def forward(self, x, segment_ids):
        return x + F.embedding(segment_ids, self.weight)


class CausalSelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        b, t, c = x.shape
        heads = [p.view(b, t, self.n_head, c // self.n_head).transpose(1, 2)
                 for p in self.c_attn(x).split(c, dim=2)]
        scores = heads[0] @ heads[1].transpose(-2, -1) / math.sqrt(c // self.n_head)
        seen = torch.ones(t, t, dtype=torch.bool).tril()
        y = F.softmax(scores.masked_fill(~seen, -math.inf), dim=-1) @ heads[2]
        return self.c_proj(y.transpose(1, 2).reshape(b, t, c))


class MLP(nn.Module):
    def __init__(self, n_embd):
        super().__init__()
        self.c_fc = nn.Linear(n_embd, 4 * n_embd)
        self.c_proj = nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd)
        self.attn = CausalSelfAttention(n_embd, n_head)
        self.ln_2 = nn.LayerNorm(n_embd)
        self.mlp = MLP(n_embd)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """nanoGPT's model without dropout; the head is the token embedding."""

    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, n_embd)
        self.wpe = nn.Embedding(block_size, n_embd)
        self.h = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(n_embd)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.wte.weight)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
