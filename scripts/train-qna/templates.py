"""relations.txt, parsed: relations with their sentences and questions, those held out apart."""
import re
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    asked: str  # of a question; '' of a sentence
    held_out: bool
    text: str
    slots: frozenset


class Relation(NamedTuple):
    subject: str
    name: str
    slots: dict  # slot → kind of value; S too
    facts: list
    questions: list


def parse_line(text, asked, held_out):
    slots = frozenset(re.findall(r'\{(\w+)(?:\'s)?\}', text))
    return Line(asked, held_out, text, slots)


def load():
    relations = []
    for row in (Path(__file__).parent / 'relations.txt').read_text().split('\n'):
        if row.startswith('+'):
            relations[-1].facts.append(parse_line(row.lstrip('+!').strip(), '', row.startswith('+!')))
        elif row.startswith('?'):
            mark, text = row.split(' ', 1)
            relations[-1].questions.append(parse_line(text.strip(), mark.strip('?!'), mark.endswith('!')))
        elif row and not row.startswith('#'):
            subject, name, *slots = row.split()
            relations.append(Relation(subject, name, {'S': subject, **dict(slot.split('=') for slot in slots)}, [], []))
    return relations


def choose(random, text):
    """One of each [a|b], the innermost first."""
    while '[' in text:
        text = re.sub(r'\[([^\[\]]*)\]', lambda match: random.choice(match[1].split('|')), text)
    return text
