"""
What training minimises: beside start and end what helps to find them. The generator knows all that a text says, so a few heads are told where to look,
and hidden states what they should know.
"""
import torch
from torch.nn import functional

# Name → weight. Hints: is the token in the other segment as well; does the question name what is named here; has the fact all that the question gives;
# what does it say or ask for. Heads: the end of the sentence before, the same piece in the other segment, the fact's other values, what is asked for.
LOSSES = {
    'spans': 1, 'seen': 0.5, 'given': 1, 'holds': 1, 'kind': 0.3, 'to sentence': 0.3, 'to same': 0.3, 'to fact': 0.3, 'to asked': 0.3,
}


def attended(attention, allowed, wanted):
    """How much of what a head looks at is where it should look: mean of -log, over the rows that are wanted. [n,s,s], [n,s,s], [n,s]."""
    shares = (attention * allowed).sum(2)
    return -((shares + 1e-6).log() * wanted).sum() / wanted.sum().clamp(min=1)


def binary(logits, target, weight):
    return (functional.binary_cross_entropy_with_logits(logits, target, reduction='none') * weight).sum() / weight.sum()


def loss_of(model, batch, hinted=1.0):
    """The sum, and each of LOSSES. hinted: share of the weights of all but the spans."""
    ids, mask, segments = batch.ids, batch.mask.float(), batch.segments
    start, end, hints, attentions = model(ids, segments, batch.mask, batch.offsets)
    blank = (1 - mask) * -1e4
    spans = (functional.cross_entropy(start + blank, batch.start) + functional.cross_entropy(end + blank, batch.end)) / 2

    across = (segments[:, :, None] != segments[:, None, :]) * mask[:, :, None] * mask[:, None, :]
    same = (ids[:, :, None] == ids[:, None, :]) * across
    seen = same.amax(2)
    named, labelled = (batch.mentions > 0).float(), batch.labels.amax(2)
    others = ((batch.facts @ batch.facts.transpose(1, 2)) > 0) * (batch.mentions[:, :, None] != batch.mentions[:, None, :])
    asked = ((batch.labels @ batch.labels.transpose(1, 2)) > 0) * across
    nothing = torch.zeros_like(same)
    nothing[:, :, 0] = 1  # [CLS] is where to look for what is not there

    def or_nothing(allowed):
        return torch.where(allowed.amax(2, keepdim=True) > 0, allowed, nothing)

    kind = functional.binary_cross_entropy_with_logits(hints['kind'], batch.labels, reduction='none').sum(2)
    weight = torch.maximum(labelled, 0.1 * mask)
    parts = [
        spans,
        binary(hints['seen'], seen, mask),
        binary(hints['given'], batch.given, named),
        binary(hints['holds'], batch.holds, named),
        (kind * weight).sum() / weight.sum(),
        attended(attentions[0][:, 1], functional.one_hot(batch.sentences, ids.shape[1]), mask * (batch.sentences > 0)),
        attended(attentions[0][:, 0], or_nothing(same), mask),
        attended(attentions[2][:, 0], others, others.any(2).float()),
        attended(attentions[3][:, 0], or_nothing(asked), torch.maximum(named, labelled)),
    ]
    weights = [1, *(hinted * weight for weight in list(LOSSES.values())[1:])]
    return sum(weight * part for weight, part in zip(weights, parts)), torch.stack(parts).detach()
