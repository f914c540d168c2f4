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


def choices(text):
    """All that choose() can make of it, in lower case."""
    found = re.search(r'\[([^\[\]]*)\]', text)
    if not found:
        return {text.lower()}
    return {one for part in found[1].split('|') for one in choices(text[:found.start()] + part + text[found.end():])}


def check(relation):
    """A line that is held out must not be among the others."""
    for lines in (relation.facts, relation.questions):
        trained = {text for line in lines if not line.held_out for text in choices(line.text)}
        for line in lines:
            if line.held_out and choices(line.text) & trained:
                raise ValueError(f'{relation.subject} {relation.name}: a line of training says what is held out: {line.text}')


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
    for relation in relations:
        check(relation)
    return relations


def choose(random, text):
    """One of each [a|b], the innermost first."""
    while '[' in text:
        text = re.sub(r'\[([^\[\]]*)\]', lambda match: random.choice(match[1].split('|')), text)
    return text
