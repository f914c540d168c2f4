"""
Trains the small MobileBERT on texts that are made while it learns. Each worker has a thread, texts and gradients of its own; after each step all have
the same weights. So nothing waits inside of an op, and a run with the same seed and the same number of workers is the same run.
"""
import argparse
import math
import time

import torch
import torch.multiprocessing as processes

from data import batches, collate, encode
from generate import Generator
from loss import LOSSES, loss_of
from model import MobileBert, Sizes
from muon import Muon
from vocabulary import Tokenizer


def rate(step, steps):
    """Share of the learning rate: up in a line, down in half a cosine."""
    warm = min(100, steps // 10)
    return (step / warm if step < warm else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm))))


def predict(start, end, first, length):
    """The best span of the passage, or (0, 0): [CLS] stands for no answer."""
    best, found = float(start[0] + end[0]), (0, 0)
    for i in start[first:length - 1].topk(min(5, length - 1 - first)).indices.tolist():
        window = end[first + i:min(first + i + 31, length - 1)]
        value, at = window.max(0)
        if float(start[first + i] + value) > best:
            best, found = float(start[first + i] + value), (first + i, first + i + int(at))
    return found


@torch.no_grad()
def accuracy(model, tokenizer, samples):
    """Exact match, and of those that have an answer."""
    rows = [encode(tokenizer, sample['passage'], one) for sample in samples for one in sample['questions']]
    rows.sort(key=lambda row: len(row.ids))
    right = answered = right_answered = 0
    for i in range(0, len(rows), 32):
        some = rows[i:i + 32]
        batch = collate(some, model.sizes)
        starts, ends, *_ = model(batch.ids, batch.segments, batch.mask)
        for row, start, end in zip(some, starts, ends):
            found = predict(start, end, row.first, len(row.ids))
            exact = row.ids[found[0]:found[1] + 1] == row.ids[row.start:row.end + 1]
            right += exact
            answered += row.start > 0
            right_answered += exact and row.start > 0
    return right / len(rows), right_answered / answered


class Gradients:
    """The mean of all workers' gradients, in memory that they share. Two places in turn, so that one wait a step is enough."""

    def __init__(self, workers, size):
        self.workers, self.shared = workers, torch.zeros(2, workers, size).share_memory_()
        self.barrier = processes.get_context('spawn').Barrier(workers)

    def mean(self, rank, step, parameters):
        if self.workers == 1:
            return
        place = self.shared[step % 2]
        torch.cat([p.grad.reshape(-1) for p in parameters], out=place[rank])
        self.barrier.wait()
        parts = place.mean(0).split([p.numel() for p in parameters])
        for p, part in zip(parameters, parts):
            p.grad.copy_(part.view_as(p))


def work(rank, options, pieces, gradients):
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    tokenizer = Tokenizer(pieces)
    model = MobileBert(sizes_of(options, pieces))
    sizes, parameters = model.sizes, list(model.parameters())
    within = [p for block in model.blocks for p in block.parameters() if p.dim() == 2]
    # Of a table only some rows have a gradient in a step: it has to move faster.
    tables = [model.words.weight, model.positions, model.segments]
    decayed = [p for p in parameters if p.dim() == 2 and not any(p is q for q in [*tables, *within])]
    others = [p for p in parameters if p.dim() < 2]
    groups = [
        {'params': decayed, 'weight_decay': 0.02, 'pace': 1},
        {'params': others, 'weight_decay': 0.0, 'pace': 1},
        {'params': tables, 'weight_decay': 0.0, 'pace': 4},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), foreach=True)
    muon = Muon([{'params': within, 'weight_decay': 0.02, 'pace': options.pace}])
    sets = {'names': Generator(101, unseen=True, noise=False), 'templates': Generator(102, unseen=True, held_out=True, noise=False)}
    checks = {name: [generator.sample() for _ in range(options.checked)] for name, generator in sets.items()}
    started, total, seen = time.time(), torch.zeros(len(LOSSES)), 0
    seed = options.seed * 1000 + rank
    for step, batch in enumerate(batches(Generator(seed), tokenizer, options.tokens, sizes, seed, options.steps, options.noise), 1):
        for group in [*optimizer.param_groups, *muon.param_groups]:
            group['lr'] = group['pace'] * options.rate * rate(step, options.steps)
        loss, parts = loss_of(model, batch, hinted=1 - 0.8 * step / options.steps)
        model.zero_grad(set_to_none=True)
        loss.backward()
        gradients.mean(rank, step, parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        muon.step()
        total += parts
        seen += len(batch[0])
        if rank == 0 and (step % options.every == 0 or step == options.steps):
            checked = step % (options.every * 5) == 0 or step == options.steps
            scores = {name: accuracy(model, tokenizer, samples) for name, samples in checks.items()} if checked else {}
            report = ''.join(f'  {name} {100 * all_:.1f} ({100 * answered:.1f})' for name, (all_, answered) in scores.items())
            losses = ' '.join(f'{name} {value:.3f}' for name, value in zip(LOSSES, (total / options.every).tolist()))
            spent = f'{time.time() - started:.0f} s, {time.process_time():.0f} s of a processor'
            print(f'{step}: {losses}{report}  {seen * options.workers} questions, {spent}', flush=True)
            total = torch.zeros(len(LOSSES))
            torch.save({'sizes': sizes._asdict(), 'weights': model.state_dict()}, options.out)


def sizes_of(options, pieces):
    given = {name: getattr(options, name) for name in ('hidden', 'bottleneck', 'intermediate', 'blocks', 'stack')}
    return Sizes(len(pieces), **given)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--vocabulary', required=True)
    options.add_argument('--out', required=True)
    options.add_argument('--steps', type=int, default=7500)
    options.add_argument('--tokens', type=int, default=1200, help='of a batch of a worker')
    options.add_argument('--rate', type=float, default=2.2e-3)
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--workers', type=int, default=2)
    options.add_argument('--noise', type=float, default=0.05, help='share of words hidden')
    options.add_argument('--pace', type=float, default=1.15, help='of the weights in blocks, which Muon moves')
    options.add_argument('--every', type=int, default=100)
    options.add_argument('--checked', type=int, default=60, help='passages of each held-out set')
    for name in ('hidden', 'bottleneck', 'intermediate', 'blocks', 'stack'):
        options.add_argument(f'--{name}', type=int, default=Sizes._field_defaults[name])
    options = options.parse_args()
    with open(options.vocabulary) as file:
        pieces = file.read().split('\n')[:-1]
    size = sum(p.numel() for p in MobileBert(sizes_of(options, pieces)).parameters())
    print(f'{size} parameters', flush=True)
    processes.spawn(work, (options, pieces, Gradients(options.workers, size)), options.workers, daemon=True)


if __name__ == '__main__':
    main()
