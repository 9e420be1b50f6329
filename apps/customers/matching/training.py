"""A model learned from a table without being told who is who.

Strangers are learned from random pairs, the same person by expectation-maximisation on the pairs of one rule at a time,
never on fields of that rule and never on a rule that uses the address: who shares a house would be taken for who is the
same. Households are learned last, from the pairs of one address, once it is known what the same person looks like.
What is rare or absent in a table keeps what is believed beforehand (`Field.same`, `Field.house`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .blocking import Pairs, Rule, rules_for
from .comparing import Levels, compare
from .fields import NAMED, Field, address_grid, fields_for
from .model import Chances, FieldModel, Model, Scorer
from .table import Table, digest

RANDOM_PAIRS = 500_000
PAIRS_PER_RULE = 200_000
BELIEF_SAME, BELIEF_HOUSE = 20.0, 40.0  # what is believed beforehand weighs as much as so many pairs
ROUNDS = 40
FREQUENT = 5  # values of at least so many records are kept with their frequency
SHARED = 10  # an e-mail or telephone number of more records than this is many people's
NAMESAKES = 0.02
NAMESAKES_MEET, NAMESAKES_BELIEF = 0.004, 500.0
"""How often two namesakes have one e-mail address is believed to be before the data speaks, and as strongly as so many pairs."""
FEWEST = 10
"""Pairs of a rule below which nothing is learned from them."""
SEED = 20_231


def train(table: Table, pairs: Pairs, levels: Mapping[str, Levels], caps: dict[str, int]) -> Model:
    """Learn a model from a table, its candidate pairs and their levels."""
    fields = fields_for(table.reading.extras)
    size = len(table)
    generator = np.random.default_rng(SEED)
    left, random_levels = _random_pairs(table, fields, generator)
    model = Model(
        fields={f.name: FieldModel(_believed(f, f.same), _believed(f, f.house), _believed(f, f.house)) for f in fields},
        same=1 / max(size, 20),
        house=0.5 / max(size, 20),
        caps=caps,
        reading=table.reading,
        records=size,
    )
    model.frequencies, model.rare = _frequencies(table, fields)
    named = _namesakes_of_one_address(table, pairs, levels)
    model.fields["email"].other[NAMED] = named
    _learn_strangers(model, fields, random_levels, np.ones(len(left)))
    people, homes = _studied(table, fields, pairs, levels)
    for _ in range(2):
        for f in fields:
            if f.personal:
                model.fields[f.name].house = _relatives(f, model.fields[f.name].other)
        _learn_same(model, fields, people)
        _learn_households(model, fields, homes)
        _learn_shares(model, table, pairs, levels)
        related = Scorer(model, table).weigh(random_levels, left).probability
        _learn_strangers(model, fields, random_levels, 1.0 - related.astype(float))
    return model


def _random_pairs(
    table: Table, fields: Sequence[Field], generator: np.random.Generator
) -> tuple[NDArray[np.int32], dict[str, Levels]]:
    """The left rows of random pairs, and how alike the pairs are."""
    size = len(table)
    if size * (size - 1) // 2 <= RANDOM_PAIRS:
        one, other = np.triu_indices(size, 1)
    else:
        one = generator.integers(0, size, RANDOM_PAIRS)
        other = (one + generator.integers(1, size, RANDOM_PAIRS)) % size
    left, right = one.astype(np.int32), other.astype(np.int32)
    return left, compare(table, left, right, fields)


def _grouped(f: Field, counts: Chances) -> Chances:
    """Counts as chances within each group of levels; nothing known is certain."""
    groups = np.array(f.groups)
    totals = np.bincount(groups, counts, minlength=groups.max() + 1)
    chances = counts / np.maximum(totals, 1e-300)[groups]
    chances[groups == 0] = 1.0
    return chances


def _believed(f: Field, chances: Iterable[float]) -> Chances:
    return _grouped(f, np.array(list(chances), float))


def _blended(f: Field, counts: Chances, belief: Chances, strength: float) -> Chances:
    return _grouped(f, counts + strength * belief)


def _learn_strangers(model: Model, fields: Sequence[Field], levels: Mapping[str, Levels], weights: Chances) -> None:
    for f in fields:
        counts: Chances = np.bincount(levels[f.name], weights, minlength=len(f.codes)).astype(float)
        chances = model.fields[f.name]
        if f.name == "address":
            chances.other = _strange_addresses(f, counts)
            continue
        floor = np.where(np.array(f.groups) > 0, 0.3, 0)
        if f.rarity and model.rare.get(f.rarity):
            # Exact agreement follows from how frequent values are; it is far too rare to be counted among random pairs.
            known = counts.sum() - counts[0]
            counts[f.exact] = max(counts[f.exact], model.rare[f.rarity] * known)
        named = chances.other[NAMED] if f.name == "email" else 0.0
        chances.other = _grouped(f, counts + floor)
        if named:
            chances.other[NAMED] = named  # of those of one name, and not of any strangers


def _namesakes_of_one_address(table: Table, pairs: Pairs, levels: Mapping[str, Levels]) -> float:
    """How often two people of one name have one e-mail address that says no more than the name.

    Told from pairs that have one name and both an address, and are two people as far as can be seen: of other years, with
    neither a house nor a number in common. Who was found by the address itself is left out.
    """
    by_address = sum(1 << n for n, rule in enumerate(rules_for(table.reading.extras)) if "email" in rule.fields)
    grid = address_grid()
    street, number, postcode, _ = grid.T
    home = ((number == 1) | (number == 2)) & ((street == 1) | (street == 2) | (postcode == 1))
    rows = np.flatnonzero((levels["surname"] == 1) & (levels["birth_date"] == 5) & (levels["email"] > 0))
    rows = rows[np.isin(levels["given_name"][rows], (1, 7, 8)) & np.isin(levels["phone"][rows], (0, 3, 5))]
    rows = rows[((pairs.by[rows] & ~np.uint64(by_address)) > 0) & ~home[levels["address"][rows]]]
    shared = np.count_nonzero(levels["email"][rows] == NAMED)
    return float((shared + NAMESAKES_MEET * NAMESAKES_BELIEF) / (len(rows) + NAMESAKES_BELIEF))


def _strange_addresses(f: Field, counts: Chances) -> Chances:
    """Strangers' addresses, as counted, where there is enough to count; the rest follows from how often each part agrees.

    Strangers of one postcode are mostly of one street and town, which the parts by themselves do not know. Who has the
    same number in the same street or postcode is no stranger but of the household, and is left to it.
    """
    grid = address_grid()
    chances = np.ones(256)
    parts = []
    for part in range(4):
        margin = np.bincount(grid[:, part], counts, minlength=4)[1:] + 0.3
        parts.append(np.concatenate(([1.0], margin / margin.sum())))
        chances *= parts[part][grid[:, part]]
    street, number, postcode, city = grid.T
    groups = np.array(f.groups)
    totals = np.bincount(groups, counts, minlength=16)[groups]
    home = ((number == 1) | (number == 2)) & ((street == 1) | (street == 2) | (postcode == 1))
    counted = np.where((counts >= 5) & ~home, counts / np.maximum(totals, 1), 0)
    # Given the postcode, how street and town agree; given the town, how the postcode does.
    within = _within(counts, grid, home)
    likely = np.where(postcode == 1, parts[1][number] * parts[2][1] * within[street, city], chances)
    return _grouped(f, np.where(counted > 0, counted, likely))


def _within(counts: Chances, grid: NDArray[np.uint8], home: NDArray[np.bool_]) -> Chances:
    """Among strangers of one postcode, the chance of each way in which street and town agree (0 where unknown: left out)."""
    street, _, postcode, city = grid.T
    seen = np.where((postcode == 1) & ~home, counts, 0)
    table = np.bincount(street.astype(int) * 4 + city, seen, minlength=16).reshape(4, 4)
    believed_street, believed_city = np.array([0, 0.3, 0.05, 0.65]), np.array([0, 0.7, 0.05, 0.25])
    whole = table[1:, 1:] + 10 * believed_street[1:, None] * believed_city[None, 1:]
    of_street = table.sum(axis=1) + 10 * believed_street
    of_city = table.sum(axis=0) + 10 * believed_city
    result = np.ones((4, 4))
    result[1:, 1:] = whole / whole.sum()
    result[1:, 0] = of_street[1:] / of_street[1:].sum()
    result[0, 1:] = of_city[1:] / of_city[1:].sum()
    return result


def _frequencies(table: Table, fields: Sequence[Field]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """For each column the share of its frequent values, by their digests, and that of a value that is not among them."""
    frequent: dict[str, dict[str, float]] = {}
    rare: dict[str, float] = {}
    for f in fields:
        if not f.rarity:
            continue
        column = table[f.rarity]
        counts = column.counts().astype(float)
        counts[0] = 0
        known = counts.sum()
        if not known:
            continue
        least = SHARED if f.rarity in ("email", "phone") else FREQUENT
        many = np.flatnonzero(counts > least)
        rest = np.where(counts > least, 0, counts)
        shares = {digest(column.values[n]): float(f"{counts[n] / known:.4g}") for n in many.tolist()}
        frequent[f.rarity] = dict(sorted(shares.items()))
        share = float((rest**2).sum() / rest.sum() / known) if rest.sum() else 0.5 / known
        rare[f.rarity] = max(share, 0.5 / known)
    return frequent, rare


def _some(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of the rows, evenly from the first to the last."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]


def _patterns(
    fields: Sequence[Field], levels: Mapping[str, Levels], rows: NDArray[np.intp]
) -> tuple[dict[str, Levels], Chances]:
    """The different combinations of levels among some pairs, and how often each is there."""
    packed = np.zeros(len(rows), np.int64)
    for f in fields:
        packed = packed * len(f.codes) + levels[f.name][rows]
    _, first, counts = np.unique(packed, return_index=True, return_counts=True)
    return {f.name: levels[f.name][rows[first]] for f in fields}, counts.astype(float)


def _expect(
    fields: Sequence[Field], patterns: Mapping[str, Levels], kinds: Sequence[Mapping[str, Chances]], mix: Chances
) -> Chances:
    """The chance of each kind for each pattern."""
    logs = np.log(np.maximum(mix, 1e-12))[None, :].repeat(len(next(iter(patterns.values()))), axis=0)
    for f in fields:
        for kind, chances in enumerate(kinds):
            logs[:, kind] += np.log(np.maximum(chances[f.name], 1e-12))[patterns[f.name]]
    logs -= logs.max(axis=1, keepdims=True)
    likely = np.exp(logs)
    return likely / likely.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Studied:
    """The pairs that some rule found, as patterns of levels and how often each is there. Only fields that the rule says
    nothing of are `free` to be learned from them."""

    rule: Rule
    free: list[Field]
    patterns: dict[str, Levels]
    counts: Chances


def _studied(
    table: Table, fields: Sequence[Field], pairs: Pairs, levels: Mapping[str, Levels]
) -> tuple[list[Studied], list[Studied]]:
    """What the same person is learned from, a rule at a time, and what households are: all pairs of one address."""

    def study(rule: Rule, bits: int, most: int) -> list[Studied]:
        rows = np.flatnonzero(pairs.by & np.uint64(bits))
        if len(rows) < FEWEST:
            return []
        free = [f for f in fields if f.name not in rule.fields]
        return [Studied(rule, free, *_patterns(free, levels, _some(rows, most)))]

    rules = rules_for(table.reading.extras)
    people = [one for n, rule in enumerate(rules) if rule.trains for one in study(rule, 1 << n, PAIRS_PER_RULE)]
    at_home = {n: rule for n, rule in enumerate(rules) if rule.fields == {"address"} and len(rule.parts) == 2}
    bits = sum(1 << n for n in at_home)
    return people, study(next(iter(at_home.values())), bits, 2 * PAIRS_PER_RULE)


def _learn_same(model: Model, fields: Sequence[Field], studied: Sequence[Studied]) -> None:
    found = {f.name: np.zeros(len(f.codes)) for f in fields}
    for one in studied:
        free, patterns, counts = one.free, one.patterns, one.counts
        same = {f.name: model.fields[f.name].same for f in free}
        house = {f.name: model.fields[f.name].house for f in free}
        other = {f.name: model.fields[f.name].other for f in free}
        mix = np.array([0.4, 0.01, 0.4])
        shares = _expect(free, patterns, (same, house, other), mix)
        for _ in range(ROUNDS):
            weights = shares * counts[:, None]
            mix = (weights.sum(axis=0) + 1) / (weights.sum() + 3)
            if {"given_name", "birth_date"} & one.rule.fields:
                mix[1] = min(mix[1], NAMESAKES * mix[0])  # two people of one house with one name, or one birthday
            for f in free:
                same[f.name] = _blended(f, _count(f, patterns, weights[:, 0]), _believed(f, f.same), BELIEF_SAME)
                if not f.personal:
                    house[f.name] = _blended(f, _count(f, patterns, weights[:, 1]), _believed(f, f.house), BELIEF_HOUSE)
            before, shares = shares, _expect(free, patterns, (same, house, other), mix)
            if np.abs(before - shares).max() < 1e-4:
                break
        for f in free:
            found[f.name] += _count(f, patterns, shares[:, 0] * counts)
    for f in fields:
        model.fields[f.name].same = _blended(f, found[f.name], _believed(f, f.same), BELIEF_SAME)


def _relatives(f: Field, other: Chances) -> Chances:
    """Given names and dates of birth in one household: as among strangers, but for namesakes and twins."""
    return _grouped(f, (1 - NAMESAKES) * other + NAMESAKES * _believed(f, f.house))


def _count(f: Field, patterns: Mapping[str, Levels], weights: Chances) -> Chances:
    return np.bincount(patterns[f.name], weights, minlength=len(f.codes)).astype(float)


def _learn_households(model: Model, fields: Sequence[Field], studied: Sequence[Studied]) -> None:
    address = next(f for f in fields if f.name == "address")
    chances = model.fields["address"]
    home = _believed(address, address.house) / np.maximum(_believed(address, address.same), 1e-12)
    chances.house = _grouped(address, chances.same * np.minimum(home, 1.15))
    for one in studied:
        _learn_house(model, one)


def _learn_house(model: Model, studied: Studied) -> None:
    free, patterns, counts = studied.free, studied.patterns, studied.counts
    same = {f.name: model.fields[f.name].same for f in free}
    house = {f.name: model.fields[f.name].house for f in free}
    other = {f.name: model.fields[f.name].other for f in free}
    mix = np.array([0.4, 0.3, 0.3])
    for _ in range(ROUNDS):
        shares = _expect(free, patterns, (same, house, other), mix)
        weights = shares * counts[:, None]
        mix = (weights.sum(axis=0) + 1) / (weights.sum() + 3)
        for f in free:
            if not f.personal:
                house[f.name] = _blended(f, _count(f, patterns, weights[:, 1]), _believed(f, f.house), BELIEF_HOUSE)
    for f in free:
        model.fields[f.name].house = house[f.name]


def _learn_shares(model: Model, table: Table, pairs: Pairs, levels: Mapping[str, Levels]) -> None:
    """How many of all pairs are of one person, and of one household: what the candidate pairs add up to."""
    size = len(table)
    everything = max(size * (size - 1) / 2, 1.0)
    rows = _some(np.arange(len(pairs)), 2 * PAIRS_PER_RULE)
    scale = len(pairs) / max(len(rows), 1)
    chosen = {name: values[rows] for name, values in levels.items()}
    parts = Scorer(model, table).parts(chosen, pairs.left[rows])
    same, house, other = (sum(part[kind] for part in parts.values()) for kind in range(3))
    top = np.maximum(np.maximum(same, house), other)
    one, two, three = np.exp2(same - top), np.exp2(house - top), np.exp2(other - top)
    for _ in range(25):
        a, b = model.same * one, model.house * two
        total = a + b + (1 - model.same - model.house) * three
        model.same = min((float((a / total).sum()) * scale + 0.5) / (everything + 1), 0.3)
        model.house = min((float((b / total).sum()) * scale + 0.1) / (everything + 1), 0.3)
