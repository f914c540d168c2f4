"""Writes the held-out sets: passages with unseen names, and with unseen templates as well; and logits of a few sequences, made by torch."""
import argparse
import json
from pathlib import Path

import torch

from data import encode
from export import load
from generate import Generator
from vocabulary import PAD, Tokenizer

SETS = {'unseen-names': {'seed': 2001}, 'unseen-templates': {'seed': 2002, 'held_out': True}}


def bare(sample):
    """Without what only training looks at."""
    return {'passage': sample['passage'], 'questions': [{key: one[key] for key in ('question', 'start', 'end')} for one in sample['questions']]}


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(',', ':')).replace('{"passage"', '\n{"passage"') + '\n')


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--model', required=True)
    options.add_argument('--vocabulary', required=True)
    options.add_argument('--out', required=True)
    options.add_argument('--passages', type=int, default=300)
    options = options.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    samples = {}
    for name, given in SETS.items():
        generator = Generator(unseen=True, noise=False, **given)
        generator.answerable = 0.75 if generator.held_out else 0.62  # so that a fifth to a quarter of the questions has no answer
        samples[name] = [bare(generator.sample(3)) for _ in range(options.passages)]
        write(out / f'{name}.json', samples[name])
    model = load(options.model)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.numel() > 64:  # these are stored as float16
                weight.copy_(weight.half())
    model.double()
    tokenizer = Tokenizer(Path(options.vocabulary).read_text().split('\n')[:-1])
    found = []
    for sample in samples['unseen-names'][:6]:
        ids, first, *_ = encode(tokenizer, sample['passage'], sample['questions'][0])
        ids = ids + [PAD]
        with torch.no_grad():
            row = torch.tensor([ids])
            mask = (row != PAD).long()
            segments = (torch.arange(len(ids))[None] >= first).long() * mask
            start, end, *_ = model(row, segments, mask)
        rounded = [[round(value, 5) for value in part[0, :-1].tolist()] for part in (start, end)]
        texts = {'question': sample['questions'][0]['question'], 'passage': sample['passage']}
        found.append({**texts, 'ids': ids[:-1], 'first': first, 'start': rounded[0], 'end': rounded[1]})
    (out / 'logits.json').write_text('[' + ',\n'.join(json.dumps(one, ensure_ascii=False, separators=(',', ':')) for one in found) + ']\n')


if __name__ == '__main__':
    main()
