"""Names that nobody has: of syllables, in the shapes of real ones. Names of a fifth of all hashes are held out."""
import re
from pathlib import Path
from zlib import crc32

from words import FEMALE, MALE, PETS, RIVERS, SURNAMES, TOWNS

ONSETS = 'b c d f g h j k l m n p r s t v w z b d g h j k l m n p r s t v'.split() + [''] * 6
ONSETS += 'br cr dr fr gr kr pr tr bl cl fl gl sl st sk sp sh ch th qu y'.split()
VOWELS = 'a a a a e e e e i i i i o o o u u a e i o y ai au ea ee ei ie io oo ou ia'.split()
CODAS = 'n r l s t m d k x ll nn rn rt ld nd st ck ng lm rk'.split() + [''] * 18
ENDS = {
    'first': ['a', 'o', 'us', 'in', 'ine', 'ie', 'an', 'is', 'ette', 'ek', 'ia', 'en', 'y', 'or'] + [''] * 8,
    'last': ['son', 'sen', 'er', 'mann', 'ski', 'ov', 'ez', 'ini', 'wood', 'ham', 'ley', 'field', 'stein', 'berg', 'ic', 'ano'] + [''] * 8,
    'town': ['ville', 'burg', 'ton', 'ford', 'stad', 'heim', 'bury', 'port', 'field', 'dorf', 'grad', 'mouth', 'bridge', 'ia', 'o'] + [''] * 8,
    'company': ['tec', 'ix', 'soft', 'co', 'on', 'ex', 'media', 'works', 'corp'] + [''] * 4,
    'river': ['a', 'e', 'er', 'ach', 'o'] + [''] * 2,
    'pet': ['y', 'o', 'i', 'a', 'ie', 'er'] + [''] * 2,
}
REAL = {'first': FEMALE + MALE, 'last': SURNAMES, 'town': TOWNS, 'river': RIVERS, 'pet': PETS, 'company': []}
WORDS = set(re.findall('[a-z]+', (Path(__file__).parent / 'relations.txt').read_text().lower())) | {'he', 'she', 'it', 'his', 'her', 'its'}
GENDER = {**dict.fromkeys(FEMALE, 'f'), **dict.fromkeys(MALE, 'm')}


def held_out(name):
    return crc32(name.encode()) % 5 == 0


def syllables(random, kind):
    count = 1 if kind in ('river', 'pet') else random.choice((1, 1, 1, 2, 2, 2, 3))
    text = ''
    for _ in range(count):
        text += random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS if random.random() < 0.3 else ('', '', 'n', 'r', 'l', 's'))
    return (re.sub(r'(.)\1\1+', r'\1\1', text) + random.choice(ENDS[kind])).capitalize()


def name(random, kind, unseen):
    """One word; of those held out if unseen, else of the others."""
    while True:
        word = random.choice(REAL[kind]) if REAL[kind] and random.random() < 0.3 else syllables(random, kind)
        if 2 < len(word) < 15 and held_out(word) == unseen and word.lower() not in WORDS:
            return word


def similar(random, word, unseen):
    """Another name that looks like it: one letter is another, or the end."""
    for _ in range(20):
        at = random.randrange(1, len(word))
        other = word[:at] + random.choice('aeiounrstlmk') + (word[at + 1:] if random.random() < 0.7 else word[at:])
        if other != word and held_out(other) == unseen:
            return other
    return name(random, 'first', unseen)


def word(random):
    """A word that means nothing, for things that have never been heard of."""
    return syllables(random, random.choice(('first', 'company', 'river'))).lower()
