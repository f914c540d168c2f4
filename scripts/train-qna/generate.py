"""Passages about people, things, towns, companies, events and pets, and questions with the place of the answer."""
import random as randoms
import re

import names
import templates
import values
from words import FILLERS, LISTS, PREFIXES

RELATIONS = templates.load()
BY_SUBJECT = {}
for relation in RELATIONS:
    BY_SUBJECT.setdefault(relation.subject, []).append(relation)
# What a word can be in a sentence, and be asked for: a slot of a relation. 0: none.
LABELS = {label: i for i, label in enumerate(((relation.name, slot) for relation in RELATIONS for slot in relation.slots), 1)}
KINDS = ['person'] * 12 + ['thing'] * 4 + ['town'] * 3 + ['company', 'event', 'event', 'pet']
# Two of these about one subject would give a question two answers.
CLASHES = [
    {'instrument', 'sport'}, {'moved', 'trip', 'lost'}, {'purchase', 'gift', 'sold'}, {'place', 'length'}, {'family', 'pet'},
    {'purchase', 'found'}, {'fame', 'product'}, {'met', 'saw', 'family'}, {'prize', 'gift'}, {'founder', 'job'}, {'country', 'where'},
    {'maker', 'weight'},
]
AGAIN = {'purchase', 'gift', 'trip', 'met', 'wrote', 'found', 'prize'}  # one subject may have two of these
PRONOUNS = {'f': ('she', 'her'), 'm': ('he', 'his'), 'n': ('it', 'its')}
OPENERS = ['In fact, ', 'Today ', 'People say that ', 'As everybody knows, ', 'By the way, ', 'It is true that ']
SUBJECT = re.compile(r'\{S(?:\'s)?\}')
SUBJECT_PLACE = re.compile(r'^\{S(?:\'s)?\}|(?:^[^{}]*(?:\{\w+\}[^{}]*)?, |\b(?:where|that|what) )\{S(?:\'s)?\}')


def takes_pronoun(line):
    """Whether the subject's first place is one where "he" or "his" can stand."""
    place, subject = SUBJECT_PLACE.search(line), SUBJECT.search(line)
    return subject is None or place is not None and place.end() == subject.end()


class Entity:
    def __init__(self, kind, mention, gender='n'):
        self.kind, self.mention, self.gender = kind, mention, gender


class Fact:
    """A relation with values; `line` says it, `said` has the slots that it says and the characters where."""

    def __init__(self, relation, entity, slots):
        self.relation, self.entity, self.slots = relation, entity, slots
        self.line, self.said = None, {}


def plain(text):
    """An answer has no article."""
    return text[4:] if text.startswith('the ') else text


def hints(line, relation, slots):
    """What a question asks for, and the values that it gives: only training looks at them."""
    return {'label': LABELS[relation.name, line.asked], 'given': [slots[slot] for slot in line.slots if slot != line.asked]}


class Generator:
    """
    unseen: names of those that are held out. held_out: the sentence and the question asked are of the lines that are.
    """

    def __init__(self, seed, unseen=False, held_out=False, noise=True):
        self.random = randoms.Random(seed)
        self.unseen, self.held_out, self.noise = unseen, held_out, noise
        self.answerable = 0.62  # of what is tried, which makes three quarters or more of what is asked
        self.sentences = (2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10, 12)

    def chance(self, share):
        return self.random.random() < share

    def value(self, kind):
        return values.value(self.random, kind, self.unseen)

    def entity(self, kind, others):
        random = self.random
        if kind == 'person':
            mention = self.value('person')
            people = [other.mention.split() for other in others if other.kind == 'person']
            if people and self.chance(0.4):  # a name like another's
                like, parts = random.choice(people), mention.split()
                at = random.randrange(len(like))
                if self.chance(0.2):
                    parts = [*like[:at], names.similar(random, like[at], self.unseen), *like[at + 1:]]
                elif len(like) == 2:
                    parts = [like[0], names.name(random, 'last', self.unseen)] if at == 0 else [names.name(random, 'first', self.unseen), like[1]]
                mention = ' '.join(parts)
            return Entity(kind, mention, names.GENDER.get(mention.split()[0]) or random.choice('fm'))
        if kind == 'thing':
            noun = values.thing(random)
            form = random.random()
            owner = random.choice([other.mention for other in others if other.kind == 'person'] or [self.value('person')])
            return Entity(kind, f'the {noun}' if form < 0.6 else f'{owner}\'s {noun}' if form < 0.85 else f'the {noun} of {owner}')
        if kind == 'event':
            noun, form = random.choice(LISTS['event']), random.random()
            town = self.value('place')
            return Entity(kind, f'the {noun}' if form < 0.6 else f'the {town} {noun}' if form < 0.8 else f'the {noun} of {town}')
        if kind == 'pet':
            return Entity(kind, self.value('petname'), random.choice('fmn'))
        return Entity(kind, self.value('place' if kind == 'town' else 'company'))

    def entities(self):
        main = self.random.choice(KINDS)
        count = self.random.choice((1, 2, 2, 2, 3, 3, 4))
        found = []
        for i in range(count):
            kind = main if i == 0 or self.chance(0.75) else self.random.choice(KINDS)
            for _ in range(20):
                one = self.entity(kind, found)
                if all(one.mention not in other.mention and other.mention not in one.mention for other in found):
                    found.append(one)
                    break
        return found

    def facts(self, entities, count):
        """Of several subjects the same relations, so that only the name tells them apart."""
        random = self.random
        pools = {kind: random.sample(all_, min(len(all_), random.choice((1, 2, 2, 3, 4, 6)))) for kind, all_ in BY_SUBJECT.items()}
        people = [entity.mention for entity in entities if entity.kind == 'person']
        towns = [entity.mention for entity in entities if entity.kind == 'town'] + [self.value('place') for _ in range(2)]
        facts = []
        for _ in range(4 * count):
            if len(facts) == count:
                break
            entity = random.choice(entities)
            relation = random.choice(pools[entity.kind] if self.chance(0.85) else BY_SUBJECT[entity.kind])
            mine = [fact.relation.name for fact in facts if fact.entity is entity]
            if relation.name in mine and not (relation.name in AGAIN and self.chance(0.3)):
                continue
            if any(relation.name in clash and any(name in clash and name != relation.name for name in mine) for clash in CLASHES):
                continue
            slots = {}
            for slot, kind in relation.slots.items():
                value = entity.mention if slot == 'S' else self.value(kind)
                if slot != 'S' and kind == 'person' and self.chance(0.3):
                    value = random.choice(people or [value])
                if slot != 'S' and kind == 'place' and self.chance(0.3):
                    value = random.choice(towns)
                slots[slot] = value
            if len(set(slots.values())) < len(slots):
                continue
            facts.append(Fact(relation, entity, slots))
        return facts

    def line_of(self, lines, held_out):
        return self.random.choice([line for line in lines if line.held_out == held_out])

    def render(self, text, fact, pronoun, after=0):
        """A template with its values, and where each lies. after: where it will stand."""
        out, said, at, again = '', {}, 0, pronoun
        for match in re.finditer(r'\{(\w+)(\'s)?\}', text):
            out += text[at:match.start()]
            at = match.end()
            slot, possessive = match[1], match[2]
            if slot == 'S' and again:
                pronouns = PRONOUNS[fact.entity.gender]
                out += pronouns[1 if possessive else 0]
                continue
            value = fact.slots[slot]
            if out[-3:].lower() in ('a', ' a ', '"a ') or out.lower() == 'a ':
                if value[0].lower() in 'aeio':
                    out = out[:-1] + 'n '
            if value.startswith('the ') and out.lower().endswith('the '):
                value = value[4:]
            article = len(value) - len(plain(value))
            said.setdefault(slot, (after + len(out) + article, after + len(out) + len(value)))
            out += value
            if possessive:
                out += '\'s'
            again = again or slot == 'S'
        return out + text[at:], said

    def passage(self, facts, asked):
        """One text of all facts, in groups or mixed; `asked` is the fact that has the held out line, if any."""
        random = self.random
        order = facts[:]
        random.shuffle(order)
        if self.chance(0.7):
            order.sort(key=lambda fact: facts.index(next(other for other in facts if other.entity is fact.entity)))
        text, last, named = '', None, {}
        people = [fact.entity.mention for fact in facts if fact.entity.kind == 'person']
        i = 0
        while i < len(order):
            if self.chance(0.12):
                text += self.filler(people) + ' '
                last = None
            group = [order[i]]
            if i + 1 < len(order) and order[i + 1].entity is order[i].entity and self.chance(0.3):
                group.append(order[i + 1])
            i += len(group)
            for fact in group:
                fact.line = self.line_of(fact.relation.facts, fact is asked)
            lines = [templates.choose(random, fact.line.text) for fact in group]
            if len(group) == 2 and not all(line.startswith('{S} ') for line in lines):
                i -= 1
                group, lines = group[:1], lines[:1]
            entity = group[0].entity
            pronoun = last is entity and self.chance(0.55) and all(map(takes_pronoun, lines))
            start = len(text)
            sentence = self.sentence(group, lines, pronoun, start)
            for fact in group:
                if 'S' in fact.said:
                    named[entity] = fact.said['S']
                else:
                    fact.said['S'] = named[entity]
            text += sentence + ' '
            last = entity
        if self.chance(0.15):
            text += self.filler(people)
        return text.strip()

    def sentence(self, group, lines, pronoun, start):
        entity = group[0].entity
        opener = self.random.choice(OPENERS) if self.chance(0.07) else ''
        first, group[0].said = self.render(lines[0].rstrip('.'), group[0], pronoun, start + len(opener))
        if opener and lines[0][0] not in '{"':
            first = first[0].lower() + first[1:]
        text = opener + first
        if len(group) == 2:
            rest = lines[1].rstrip('.')[len('{S} '):]
            aside = entity.kind in ('person', 'thing', 'town', 'company', 'event') and not pronoun and self.chance(0.3)
            if aside:  # S, who …, …
                who = ', who ' if entity.kind == 'person' else ', which '
                at = group[0].said['S'][1] - start
                middle, said = self.render(rest, group[1], True, start + at + len(who))
                shift = len(who) + len(middle) + 2
                text = text[:at] + who + middle + ', ' + text[at + 1:]
                shift -= 1
                group[0].said = {slot: (a, b) if slot == 'S' else (a + shift, b + shift) for slot, (a, b) in group[0].said.items()}
            else:
                link = self.random.choice((' and ', ' and ', ', and ', ' but '))
                middle, said = self.render(rest, group[1], True, start + len(text) + len(link))
                text += link + middle
            group[1].said = said
        return text[0].upper() + text[1:] + '.'

    def filler(self, people):
        random = self.random
        text = templates.choose(random, random.choice(FILLERS))
        def fill(match):
            kind = match[1]
            if kind in ('P', 'P2'):
                return random.choice(people) if people and kind == 'P' and self.chance(0.5) else self.value('person')
            return self.value('place' if kind == 'T' else kind)
        text = re.sub(r'\{(\w+)\}', fill, text)
        return text[0].upper() + text[1:]

    def asked(self, line, fact):
        """The question's text. A person with two names may be asked for by one of them where that is enough."""
        slots = {slot: plain(value) if slot != 'S' else value for slot, value in fact.slots.items()}
        copy = Fact(fact.relation, fact.entity, slots)
        text, _ = self.render(templates.choose(self.random, line.text), copy, False)
        if self.noise and self.chance(0.06):
            return self.random.choice(PREFIXES) + text[0].lower() + text[1:]
        return text[0].upper() + text[1:]

    def answers(self, line, slots, facts):
        """Where the passage answers: facts of a relation that agree in all that the question says, by the answer's text."""
        found = {}
        for fact in facts:
            given = [slot for slot in line.slots if slot != line.asked]
            if line.asked in fact.said and all(slot in fact.said and fact.slots[slot] == slots[slot] for slot in given):
                found.setdefault(plain(fact.slots[line.asked]) if fact.relation.slots[line.asked] != 'title' else fact.slots[line.asked], fact)
        return found

    def question(self, facts, text, fact, answerable):
        """{ question, start, end, label } in characters of the passage, end exclusive; start −1: it does not say."""
        relation = fact.relation
        if answerable:
            lines = [line for line in relation.questions if line.held_out == self.held_out and line.slots | {line.asked} <= set(fact.said)]
            if not lines:
                return None
            line = self.random.choice(lines)
            same = [other for other in facts if other.relation is relation]
            found = self.answers(line, fact.slots, same)
            if list(found.values()) != [fact]:
                return None
            start, end = fact.said[line.asked]
            assert fact.slots[line.asked].lower().endswith(text[start:end].lower()), (text, fact.slots)
            return {'question': self.asked(line, fact), 'start': start, 'end': end, **hints(line, relation, fact.slots)}
        entity = fact.entity
        form = self.random.random()
        slots = dict(fact.slots)
        if form < 0.45:  # something else about it
            relation = self.random.choice(BY_SUBJECT[entity.kind])
            slots = {slot: entity.mention if slot == 'S' else self.value(kind) for slot, kind in relation.slots.items()}
            names_ = [other.relation.name for other in facts if other.entity is entity]
            if relation.name not in names_ and any(relation.name in clash and any(name in clash for name in names_) for clash in CLASHES):
                return None
        elif form < 0.75:  # somebody like it
            mention = self.entity(entity.kind, [other.entity for other in facts] * 2).mention
            if mention in text or any(part in entity.mention for part in mention.split() if entity.kind == 'person' and ' ' not in mention):
                return None
            slots['S'] = mention
        else:  # of another time, place, price …
            slot = self.random.choice([slot for slot in slots if slot != 'S'])
            others = [other.slots[name] for other in facts for name, kind in other.relation.slots.items() if kind == relation.slots[slot]]
            slots[slot] = self.random.choice(others) if self.chance(0.5) else self.value(relation.slots[slot])
        lines = [line for line in relation.questions if line.held_out == self.held_out]
        line = self.random.choice(lines)
        if form >= 0.75 and slot not in line.slots or form < 0.75 and (line.asked == 'S' or 'S' not in line.slots):
            return None
        if self.answers(line, slots, [other for other in facts if other.relation is relation]):
            return None
        return {'question': self.asked(line, Fact(relation, entity, slots)), 'start': -1, 'end': -1, **hints(line, relation, slots)}

    def sample(self, questions=3):
        """{ passage, questions, facts }; a fact: [(start, end, label, value)] of what it says."""
        while True:
            count = self.random.choice(self.sentences)
            facts = self.facts(self.entities(), count)
            if not facts:
                continue
            asked = self.random.choice(facts) if self.held_out else None
            text = self.passage(facts, asked)
            found = {}
            for _ in range(3 * questions):
                answerable = self.chance(self.answerable)
                one = self.question(facts, text, asked or self.random.choice(facts), answerable)
                if one is not None:
                    found.setdefault(one['question'].lower(), one)
                if len(found) == questions:
                    break
            if found:
                said = [[(*place, LABELS[fact.relation.name, slot], fact.slots[slot]) for slot, place in fact.said.items()] for fact in facts]
                return {'passage': text, 'questions': list(found.values()), 'facts': said}
