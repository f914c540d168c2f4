"""BERT's uncased tokenizer with places in the text, and a WordPiece vocabulary for generated texts."""
import argparse
import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

from words import FILLERS, LISTS, PREFIXES

SPECIAL = {0: '[PAD]', 100: '[UNK]', 101: '[CLS]', 102: '[SEP]', 103: '[MASK]'}  # ids as BERT's
PAD, UNK, CLS, SEP, MASK = 0, 100, 101, 102, 103
ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789$€£°'
PUNCTUATION = '!"#%&\'()*+,-./:;<=>?@[\\]^_`{|}~–—‘’“”…'
IDEOGRAPHS = [  # source: google-research/bert, tokenization.py
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
]
LONGEST = 100  # characters of a word; longer ones are unknown


def is_punctuation(char):
    code = ord(char)
    return 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126 or unicodedata.category(char).startswith('P')


def is_ideograph(code):
    return any(low <= code <= high for low, high in IDEOGRAPHS)


def words(text):
    """[(word, where each of its characters was)]: lower case, without accents, split at blanks and around punctuation."""
    found, open_ = [], False
    for at, char in enumerate(text):
        category = unicodedata.category(char)
        if char in ' \t\n\r' or category == 'Zs':
            open_ = False
            continue
        if char in '\0\ufffd' or category.startswith('C'):
            continue
        for part in unicodedata.normalize('NFD', char.lower()):
            if unicodedata.category(part) == 'Mn':
                continue
            if is_punctuation(part) or is_ideograph(ord(part)):
                found.append((part, [at]))
                open_ = False
            elif open_:
                found[-1] = (found[-1][0] + part, found[-1][1] + [at])
            else:
                found.append((part, [at]))
                open_ = True
    return found


class Tokenizer:
    def __init__(self, pieces):
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        self.split = lru_cache(200000)(self.split_word)

    def split_word(self, word):
        """[(id, start, end)]: greedy, longest first."""
        if len(word) > LONGEST:
            return [(UNK, 0, len(word))]
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self.ids.get(('##' if start else '') + word[start:end])
                if piece is not None:
                    break
            else:
                return [(UNK, 0, len(word))]
            found.append((piece, start, end))
            start = end
        return found

    def encode(self, text):
        """Ids, and [start, end) of each in the text."""
        ids, places = [], []
        for word, at in words(text):
            for piece, start, end in self.split(word):
                ids.append(piece)
                places.append((at[start], at[end - 1] + 1))
        return ids, places


def train(counts, size, whole):
    """
    Pieces for words with their counts: letters, the words that are whole, then again and again the pair of neighbours that is most frequent in the
    others.
    """
    letters = [*ALPHABET, *('##' + char for char in ALPHABET)]
    pieces = [SPECIAL.get(i, f'[unused{i}]') for i in range(104)] + list(PUNCTUATION) + letters + [word for word in sorted(whole) if len(word) > 1]
    splits = {word: [word[0], *('##' + char for char in word[1:])] for word in counts if len(word) > 1 and word not in whole}
    pairs, homes = Counter(), defaultdict(set)
    for word, split in splits.items():
        for pair in zip(split, split[1:]):
            pairs[pair] += counts[word]
            homes[pair].add(word)
    known = set(pieces)
    while len(pieces) < size:
        pair = max(pairs, key=lambda key: (pairs[key], key))
        joined = pair[0] + pair[1][2:]
        if joined not in known:
            pieces.append(joined)
            known.add(joined)
        for word in list(homes[pair]):
            split = splits[word]
            for old in zip(split, split[1:]):
                pairs[old] -= counts[word]
                homes[old].discard(word)
            merged, i = [], 0
            while i < len(split):
                both = i + 1 < len(split) and (split[i], split[i + 1]) == pair
                merged.append(joined if both else split[i])
                i += 2 if both else 1
            splits[word] = merged
            for new in zip(merged, merged[1:]):
                pairs[new] += counts[word]
                homes[new].add(word)
        pairs.pop(pair, None)
    return pieces


def whole_words():
    """All that sentences, questions and lists say."""
    text = (Path(__file__).parent / 'relations.txt').read_text()
    lines = [re.sub(r'\{[^}]*\}', ' ', line.split(' ', 1)[1]) for line in text.split('\n') if line[:1] in ('+', '?')]
    texts = [*lines, *FILLERS, *PREFIXES, *(entry for kind in LISTS.values() for entry in kind)]
    return {word for text in texts for word, _ in words(re.sub('[|{}[\\]]', ' ', text))}


def main():
    from generate import Generator
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--out', required=True)
    options.add_argument('--size', type=int, default=2600)
    options.add_argument('--passages', type=int, default=3000)
    options.add_argument('--seed', type=int, default=1)
    options = options.parse_args()
    generator, counts = Generator(options.seed), Counter()
    for _ in range(options.passages):
        sample = generator.sample()
        for text in [sample['passage'], *(one['question'] for one in sample['questions'])]:
            counts.update(word for word, _ in words(text))
    pieces = train({word: count for word, count in counts.items() if count > 1 or len(word) < 12}, options.size, whole_words())
    with open(options.out, 'w') as file:
        file.write('\n'.join(pieces) + '\n')


if __name__ == '__main__':
    main()
