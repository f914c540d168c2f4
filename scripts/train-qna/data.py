"""Samples as token ids, in batches of about one length."""
import random as randoms

import torch

from vocabulary import CLS, PAD, SEP


def encode(tokenizer, passage, one, marks=()):
    """
    (ids, length of the question's part, labels, start, end, first and last token of the sentence) with both ends inclusive; zeros where the passage
    does not say.
    """
    ids, places = tokenizer.encode(passage)
    question, _ = tokenizer.encode(one['question'])
    first = len(question) + 2
    row = [CLS, *question, SEP, *ids, SEP]
    labels = [one.get('label', 0)] * first + [0] * (len(row) - first)
    for start, end, label in marks:
        for i, (begin, to) in enumerate(places, first):
            if begin < end and to > start and labels[i] == 0:
                labels[i] = label
    if one['start'] < 0:
        return row, first, labels, 0, 0, 0, 0

    def tokens(start, end):
        within = [i for i, (begin, to) in enumerate(places, first) if begin < end and to > start]
        return within[0], within[-1]

    stop = passage.find('. ', one['end'])
    sentence = (passage.rfind('. ', 0, one['start']) + 1, len(passage) if stop < 0 else stop)
    return row, first, labels, *tokens(one['start'], one['end']), *tokens(*sentence)


def collate(rows, sequence, random=None):
    """Tensors of a batch: ids, segments, mask, offsets, start, end, evidence [n,s], labels [n,s]. With random: anywhere in the positions."""
    longest = max(len(row[0]) for row in rows) + 1
    ids = torch.tensor([row[0] + [PAD] * (longest - len(row[0])) for row in rows])
    mask = (ids != PAD).long()
    segments = (torch.arange(longest)[None] >= torch.tensor([row[1] for row in rows])[:, None]).long() * mask
    free = max(0, sequence - longest)
    offsets = torch.tensor([random.randint(0, free) if random is not None and random.random() < 0.5 else 0 for _ in rows])
    starts, ends, firsts, lasts = (torch.tensor(column) for column in list(zip(*rows))[3:])
    labels = torch.tensor([row[2] + [0] * (longest - len(row[0])) for row in rows])
    at = torch.arange(longest)[None]
    evidence = (at >= firsts[:, None]) & (at <= lasts[:, None]) & (firsts[:, None] > 0)
    return ids, segments, mask, offsets, starts, ends, evidence.float(), labels


# Short passages first: what a question has to do with a sentence is learned before the rest.
COURSE = [(0.15, (1, 2, 2), 0.85), (0.4, (1, 2, 3, 4), 0.62), (1.0, (2, 2, 3, 3, 4, 5, 6, 8, 10, 12), 0.62)]


def batches(generator, tokenizer, tokens, sequence, seed, steps, pool=1000):
    """`steps` batches of about so many tokens, each of similar lengths."""
    random = randoms.Random(seed)
    done = 0
    while True:
        generator.sentences, generator.answerable = next(rest for share, *rest in COURSE if done < share * steps)
        rows = []
        while len(rows) < pool:
            sample = generator.sample(4)
            rows += [encode(tokenizer, sample['passage'], one, sample['marks']) for one in sample['questions']]
        rows = sorted((row for row in rows if len(row[0]) < sequence), key=lambda row: len(row[0]))
        groups, group = [], []
        for row in rows:
            if group and (len(group) + 1) * len(row[0]) > tokens:
                groups.append(group)
                group = []
            group.append(row)
        groups.append(group)
        random.shuffle(groups)
        for group in groups:
            yield collate(group, sequence, random)
            done += 1
            if done == steps:
                return
