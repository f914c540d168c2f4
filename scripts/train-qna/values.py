"""A value for each kind of slot in relations.txt."""
import names
from words import LISTS

CURRENCIES = ['euros', 'dollars', 'pounds', 'francs', 'crowns', 'euros', 'dollars']
SIGNS = ['$', '€', '£']


def number(random, low, high):
    """Of any size between, written with a comma, without, or as a word."""
    value = int(low * (high / low) ** random.random())
    if value > 100 and random.random() < 0.5:
        value = round(value, -len(str(value)) + random.choice((1, 2)))
    return f'{value:,}' if random.random() < 0.6 else str(value)


def price(random):
    if random.random() < 0.15:
        return f'{random.choice(LISTS["numeral"])} {random.choice(CURRENCIES)}'
    amount = number(random, 2, 20000)
    if random.random() < 0.15:
        amount += f'.{random.randrange(100):02}'
    return random.choice(SIGNS) + amount if random.random() < 0.25 else f'{amount} {random.choice(CURRENCIES)}'


def day(random):
    date, month = random.randint(1, 31), random.choice(LISTS['month'])
    form = random.randrange(8)
    if form < 3:
        return random.choice(LISTS['weekday'])
    if form == 3:
        return f'{date} {month} {year(random)}'
    if form == 4:
        return f'{month} {date}, {year(random)}'
    if form == 5:
        return f'{random.choice(LISTS["weekday"])}, {date} {month}'
    return f'{month} {date}' if form == 6 else f'{date} {month}'


def year(random):
    return str(random.randint(1900, 2026) if random.random() < 0.8 else random.randint(1000, 2050))


def time(random):
    hour = random.randint(1, 12)
    spelled = random.choice(LISTS['numeral'][:11])
    return random.choice((
        f'{hour} o\'clock', f'{random.randint(6, 23)}:{random.randrange(0, 60, 5):02}', f'half past {spelled}', f'{hour} pm', f'{hour} am',
        f'{spelled} o\'clock', 'noon', 'midnight', f'{hour}:{random.randrange(0, 60, 15):02} pm',
    ))


def thing(random):
    noun = names.word(random) if random.random() < 0.1 else random.choice(LISTS['thing'])
    return f'{random.choice(LISTS["adjective"])} {noun}' if random.random() < 0.25 else noun


def title(random):
    noun, other = random.sample(LISTS['noun'], 2)
    return random.choice((
        f'The {noun} of the {other}', f'The {random.choice(LISTS["adjective"])} {noun}', f'{noun} and {other}', f'The {noun}', f'A {noun} in {other}',
        f'Under the {noun}', f'The Last {noun}', f'{names.word(random)} {noun}', f'The {noun} {random.choice(LISTS["job"])}', f'My {noun}',
    )).title()


def measure(random, low, high, units):
    amount = random.choice(LISTS['numeral'][:20]) if random.random() < 0.2 else number(random, low, high)
    return f'{amount} {random.choice(units)}'


def company(random, unseen):
    one = names.name(random, 'company', unseen)
    form = random.randrange(6)
    if form == 0:
        return f'{one} {random.choice(("Motors", "Bank", "Systems", "Foods", "Airlines", "Works", "Press", "Books", "Group", "United", "City"))}'
    if form == 1:
        return f'{names.name(random, "last", unseen)} & {random.choice(("Sons", "Co", names.name(random, "last", unseen)))}'
    return one


def town(random, unseen):
    one = names.name(random, 'town', unseen)
    if random.random() < 0.9:
        return one
    return random.choice((f'New {one}', f'Port {one}', f'{one} Falls', f'San {one}', f'Bad {one}', f'{one} Bay', f'North {one}'))


def person(random, unseen):
    """First name, or first and last."""
    first = names.name(random, 'first', unseen)
    return first if random.random() < 0.4 else f'{first} {names.name(random, "last", unseen)}'


MAKERS = {
    'place': town,
    'company': company,
    'person': person,
    'petname': lambda random, unseen: names.name(random, 'pet', unseen),
    'river': lambda random, unseen: names.name(random, 'river', unseen),
    'year': lambda random, unseen: year(random),
    'day': lambda random, unseen: day(random),
    'time': lambda random, unseen: time(random),
    'price': lambda random, unseen: price(random),
    'thing': lambda random, unseen: thing(random),
    'title': lambda random, unseen: title(random),
    'age': lambda random, unseen: random.choice(LISTS['numeral'][:21]) if random.random() < 0.15 else str(random.randint(5, 99)),
    'smallage': lambda random, unseen: random.choice(LISTS['numeral'][:12]) if random.random() < 0.4 else str(random.randint(2, 20)),
    'number': lambda random, unseen: random.choice(LISTS['numeral']) if random.random() < 0.1 else number(random, 10, 900000),
    'height': lambda random, unseen: random.choice((f'1.{random.randint(40, 99)} metres', measure(random, 120, 210, ['centimetres', 'cm']))),
    'weight': lambda random, unseen: measure(random, 2, 5000, ['kilograms', 'kg', 'pounds', 'tons', 'grams']),
    'length': lambda random, unseen: measure(random, 2, 500, ['metres', 'centimetres', 'feet', 'kilometres', 'inches', 'cm', 'm']),
    'prize': lambda random, unseen: f'{names.name(random, "last", unseen)} {random.choice(("Prize", "Medal", "Award", "Cup"))}',
    'kin': lambda random, unseen: random.choice(LISTS['kin']),
}


def value(random, kind, unseen):
    maker = MAKERS.get(kind)
    if maker is not None:
        return maker(random, unseen)
    # Now and then something that has never been heard of.
    if kind in ('job', 'food', 'animal', 'material', 'instrument', 'subject', 'sport', 'spot') and random.random() < 0.06:
        return names.word(random)
    return random.choice(LISTS[kind])
