"""Samples as token ids and what their texts say, in batches of about one length."""
import random as randoms
from typing import NamedTuple

import numpy
import torch

from generate import plain
from vocabulary import CLS, MASK, PAD, SEP


class Row(NamedTuple):
    ids: list
    first: int  # place of the passage's first token
    start: int  # of the answer, both inclusive; 0, 0 where the passage does not say
    end: int
    label: int  # asked for
    ends: list  # tokens after which a sentence begins
    facts: list  # of each fact: [(tokens, label, whether the question gives this value)]


def encode(tokenizer, passage, one, facts=()):
    ids, places = tokenizer.encode(passage)
    question, _ = tokenizer.encode(one['question'])
    first = len(question) + 2

    def tokens(start, end):
        return [i for i, (begin, to) in enumerate(places, first) if begin < end and to > start]

    given = {plain(value).lower() for value in one.get('given', ())}
    said = [[(tokens(start, end), label, plain(value).lower()) for start, end, label, value in fact] for fact in facts]
    said = [([(at, label, value in given) for at, label, value in fact], given <= {value for *_, value in fact}) for fact in said]
    answer = tokens(one['start'], one['end']) if one['start'] >= 0 else [0]
    ends = [first - 1, *(i for i, (_, to) in enumerate(places, first) if passage[to - 1] == '.' and passage[to:to + 1] == ' ')]
    return Row([CLS, *question, SEP, *ids, SEP], first, answer[0], answer[-1], one.get('label', 0), ends, said)


class Batch(NamedTuple):
    """[n,s] unless said otherwise; what follows `end` is what only training looks at."""
    ids: torch.Tensor
    segments: torch.Tensor
    mask: torch.Tensor
    offsets: torch.Tensor  # [n]
    start: torch.Tensor  # [n]
    end: torch.Tensor  # [n]
    labels: torch.Tensor  # [n,s,labels], 0 or 1
    facts: torch.Tensor  # [n,s,facts], 0 or 1: which facts name something here
    mentions: torch.Tensor  # 0 or a number for each thing named
    given: torch.Tensor  # what is named here the question names too
    sentences: torch.Tensor  # the token before the sentence
    holds: torch.Tensor  # of a fact with all that the question gives


def collate(rows, sizes, random=None, noise=0.0):
    """Of the model's sizes. With random: anywhere in the positions, and a share of the words hidden."""
    n, longest = len(rows), max(len(row.ids) for row in rows) + 1
    ids, mentions, sentences = (numpy.zeros((n, longest), numpy.int64) for _ in range(3))
    kinds = numpy.zeros((n, longest, sizes.labels), numpy.float32)
    facts = numpy.zeros((n, longest, max([1, *(len(row.facts) for row in rows)])), numpy.float32)
    segments, given, holds = (numpy.zeros((n, longest), kind) for kind in (numpy.int64, numpy.float32, numpy.float32))
    for i, row in enumerate(rows):
        ids[i, :len(row.ids)] = row.ids
        segments[i, row.first:len(row.ids)] = 1
        kinds[i, 1:row.first - 1, row.label] = 1
        for before, to in zip(row.ends, [*row.ends[1:], len(row.ids) - 2]):
            sentences[i, before + 1:to + 1] = before
        for j, (fact, held) in enumerate(row.facts):
            for at, label, same in fact:
                first, to = at[0], at[-1] + 1
                kinds[i, first:to, label] = 1
                facts[i, first:to, j] = 1
                mentions[i, first:to] = first
                given[i, first:to] = same
                if held:
                    holds[i, first:to] = 1
    ids, segments, kinds, facts, mentions, sentences, given, holds = map(
        torch.from_numpy, (ids, segments, kinds, facts, mentions, sentences, given, holds))
    mask = (ids != PAD).long()
    free = max(0, sizes.sequence - longest)
    offsets = torch.tensor([random.randint(0, free) if random is not None and random.random() < 0.5 else 0 for _ in rows])
    start, end = torch.tensor([row.start for row in rows]), torch.tensor([row.end for row in rows])
    if noise:
        hidden = (torch.rand(ids.shape) < noise) & (mentions == 0) & (ids != CLS) & (ids != SEP) & (ids != PAD)
        hidden &= (segments == 1) | (torch.rand(n, 1) < 0.5)
        ids = torch.where(hidden, torch.full_like(ids, MASK), ids)
    return Batch(ids, segments, mask, offsets, start, end, kinds, facts, mentions, given, sentences, holds)


# Short passages first: what a question has to do with a sentence is learned before the rest.
COURSE = [(0.1, (1, 2, 2), 0.85), (0.3, (1, 2, 3, 4), 0.7), (1.0, (2, 2, 3, 3, 4, 5, 6, 8, 10, 12), 0.62)]


def batches(generator, tokenizer, tokens, sizes, seed, steps, noise=0.0, pool=1000):
    """`steps` batches of about so many tokens, each of similar lengths."""
    random = randoms.Random(seed)
    done = 0
    while True:
        generator.sentences, generator.answerable = next(rest for share, *rest in COURSE if done < share * steps)
        rows = []
        while len(rows) < pool:
            sample = generator.sample(4)
            rows += [encode(tokenizer, sample['passage'], one, sample['facts']) for one in sample['questions']]
        rows = sorted((row for row in rows if len(row.ids) < sizes.sequence), key=lambda row: len(row.ids))
        groups, group = [], []
        for row in rows:
            if group and (len(group) + 1) * len(row.ids) > tokens:
                groups.append(group)
                group = []
            group.append(row)
        groups.append(group)
        random.shuffle(groups)
        for group in groups:
            yield collate(group, sizes, random=random, noise=noise)
            done += 1
            if done == steps:
                return
