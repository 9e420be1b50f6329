"""Make the matching model that is shipped anew, after the engine changed what it learns: python -m benchmarks.shipped_model"""

from pathlib import Path

from apps.customers.matching import Model, match, read_table
from benchmarks.people import people

SHIPPED = Path(__file__).parents[1] / "apps/customers/resolving/shipped_model.json"


def learned() -> Model:
    """What made-up Dutch families teach; the same each time."""
    made = people(20_000, seed=7)
    return match(read_table(made.ids, made.columns)).model


if __name__ == "__main__":
    SHIPPED.write_text(learned().as_json() + "\n")
