"""Who is who: records of people matched by what they say, without the database.

The whole of it in one page:

    table = read_table(ids, {"given_name": [...], "surname": [...], "birth_date": [...], ...}, extra={"profession": [...]})
    result = match(table)                        # learns a model from the table, or takes one: match(table, model)
    result.clusters["r-17"]                      # the smallest id of the person's records
    result.pairs                                 # Pair(left, right, weight in bits, probability, "same" | "clerical")
    result.refused                               # sure pairs that would join two people, and which records say so
    result.model.as_json()                       # kept for single records; Model.from_json(text)

    match(table, model, same=[("a", "b")], never=[("a", "c")])     # what a person decided holds

    blocking_keys(table, model, secret)          # Keys(row, key, cap): to index, and to find a record's candidates by
    score(record, candidates, model)             # one record: Scored(candidate, weight, probability, decision, impossible)
    clash(group, other_group, model)             # whether two whole groups may be joined: None, or which records say no
    explain(one, other, model)                   # [{"field", "level", "bits"}, …], adding up to the weight

A record is a mapping of PERSON_FIELDS and extra names to raw texts: cleaning is part of matching. All fields may be
absent. A single record and a batch go through the same functions, so they decide alike.

How it works: `cleaning` gives every value one form, `table` keeps distinct values, `blocking` finds pairs worth
comparing, `keys` is how one record finds its blocks, `comparing` gives a level per field, `model` weighs the levels,
`training` learns the weights without being told who is who, `clustering` joins the surest first and refuses what
contradicts, `gathering` then weighs whole groups. See docs/decisions/0032-matching.md.
"""

from .engine import (
    Decision,
    Pair,
    Record,
    Refused,
    Result,
    Scored,
    blocking_keys,
    clash,
    explain,
    match,
    score,
    table_of,
)
from .keys import Keys
from .model import AUTO, CLERICAL, Model
from .table import PERSON_FIELDS, Reading, Table, read_table

__all__ = [
    "AUTO",
    "CLERICAL",
    "PERSON_FIELDS",
    "Decision",
    "Keys",
    "Model",
    "Pair",
    "Reading",
    "Record",
    "Refused",
    "Result",
    "Scored",
    "Table",
    "blocking_keys",
    "clash",
    "explain",
    "match",
    "read_table",
    "score",
    "table_of",
]
