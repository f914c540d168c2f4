"""MobileBERT (arXiv 2004.02984) in small: trigram embedding, bottlenecks, shared key and query, stacked feed-forward nets, NoNorm."""
import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

# After which block each hint has to be known.
HINTS = {'seen': 0, 'given': 1, 'holds': 2, 'kind': 1}


class Sizes(NamedTuple):
    vocabulary: int
    sequence: int = 384
    embedding: int = 128
    hidden: int = 128
    bottleneck: int = 64
    intermediate: int = 128
    heads: int = 4
    blocks: int = 5
    stack: int = 2  # feed-forward nets in a block
    labels: int = 160


class NoNorm(nn.Module):
    """Scale and shift."""

    def __init__(self, size):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(size))
        self.beta = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        return torch.addcmul(self.beta, x, self.gamma)


def dense(inputs, outputs, gain=1.0, bias=True):
    layer = nn.Linear(inputs, outputs, bias)
    nn.init.normal_(layer.weight, std=math.sqrt(gain / inputs))
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    """
    What is added to a residual starts small: nothing else keeps the sums in bounds. NoNorm's scale and shift are learned where blocks meet;
    inside they are 1 and 0, since the dense layer before or behind can do the same.
    """

    def __init__(self, sizes):
        super().__init__()
        hidden, inner, branch = sizes.hidden, sizes.bottleneck, 0.1 / sizes.blocks
        self.heads = sizes.heads
        self.bottleneck_input = dense(hidden, inner)
        self.bottleneck_attention = dense(hidden, inner)
        self.query, self.key, self.value = dense(inner, inner), dense(inner, inner), dense(hidden, inner)
        with torch.no_grad():  # to begin with, half of the heads attend to what is alike, the others to everything
            self.key.weight.copy_(self.query.weight)
            self.query.weight[inner // 2:] *= 0.1
        self.attended = dense(inner, inner, branch * 4)
        self.inside = nn.ModuleList(dense(inner, sizes.intermediate, 2) for _ in range(sizes.stack))
        self.outside = nn.ModuleList(dense(sizes.intermediate, inner, branch * 2) for _ in range(sizes.stack))
        self.wide, self.wide_norm = dense(inner, hidden, branch * 4), NoNorm(hidden)

    def forward(self, hidden, bias):
        """Hidden states, and the attention [n,heads,s,s]."""
        n, length, _ = hidden.shape
        x = self.bottleneck_input(hidden)
        shared = self.bottleneck_attention(hidden)
        parts = self.query(shared), self.key(shared), self.value(hidden)
        query, key, value = (part.view(n, length, self.heads, -1).transpose(1, 2) for part in parts)
        scores = (query * query.shape[3] ** -0.5) @ key.transpose(2, 3) + bias
        attention = scores.softmax(3)
        context = (attention @ value).transpose(1, 2).reshape(n, length, -1)
        x = self.attended(context) + x
        for inside, outside in zip(self.inside, self.outside):
            x = outside(functional.relu(inside(x))) + x
        return self.wide_norm(self.wide(x) + hidden), attention


def waves(length, size):
    """Sines and cosines of the position: neighbours at a distance look alike wherever they are."""
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(2000.0) / size))
    angles = torch.arange(length)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), 2).view(length, size)


class MobileBert(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes = sizes
        self.words = nn.Embedding(sizes.vocabulary, sizes.embedding, padding_idx=0)
        self.words.weight.data *= 0.3
        self.transformation = dense(3 * sizes.embedding, sizes.hidden, 10)
        with torch.no_grad():  # the word itself counts for more than its neighbours
            self.transformation.weight.view(sizes.hidden, 3, sizes.embedding)[:, [0, 2]] *= 0.5
            self.transformation.weight.view(sizes.hidden, 3, sizes.embedding)[:, 1] *= 1.5
        self.segments = nn.Parameter(0.5 * torch.randn(2, sizes.hidden))
        self.positions = nn.Parameter(0.5 * waves(sizes.sequence, sizes.hidden))
        self.norm = NoNorm(sizes.hidden)
        self.blocks = nn.ModuleList(Block(sizes) for _ in range(sizes.blocks))
        self.logits = dense(sizes.hidden, 2, 0.1)
        # Only in training, see loss.py.
        self.hints = nn.ModuleDict({name: dense(sizes.hidden, sizes.labels if name == 'kind' else 1, 0.1) for name in HINTS})
        nn.init.constant_(self.hints['kind'].bias, -5)  # most labels are not there

    def forward(self, ids, segments, mask, offsets=None):
        """
        [n,s] each → logits of start and end [n,s], hints by name, attention of each block [n,heads,s,s]. offsets [n]: the position of the first
        token, in training.
        """
        length = ids.shape[1]
        words = self.words(ids)
        trigrams = torch.cat((functional.pad(words[:, 1:], (0, 0, 0, 1)), words, functional.pad(words[:, :-1], (0, 0, 1, 0))), 2)
        at = torch.arange(length)[None] + (0 if offsets is None else offsets[:, None])
        hidden = self.transformation(trigrams) + functional.embedding(segments, self.segments) + functional.embedding(at, self.positions)
        hidden = self.norm(hidden)
        bias = (1 - mask[:, None, None, :].float()) * -10000.0
        found, attentions = {}, []
        for i, block in enumerate(self.blocks):
            hidden, attention = block(hidden, bias)
            attentions.append(attention)
            for name, at in HINTS.items():
                if i == at:
                    found[name] = self.hints[name](hidden).squeeze(2)
        return *self.logits(hidden).unbind(2), found, attentions
