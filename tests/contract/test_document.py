"""Every operation of openapi.yaml, called with what schemathesis draws from the document and with values that exist.

Never a 500, never what the document does not say, always the one shape of errors, and what is malformed is refused.
"""

import random
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api import document
from tests.contract.known import Known

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    pytest.param(path, method, id=f"{method} {path}")
    for path, operations in document()["paths"].items()
    for method in METHODS
    if method in operations
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SHORT, LONG = 6, 300


@cache
def schema() -> Any:
    config = SchemathesisConfig.from_dict({"generation": {"database": "none"}})
    loaded = schemathesis.openapi.from_dict(document(), config=config)
    loaded.app = get_wsgi_application()
    return loaded


def call_with_drawn_values(known: Known, path: str, method: str, *, examples: int) -> None:
    for mode in GenerationMode:
        try:
            _call(known, path, method, mode, examples)
        except Unsatisfiable:
            assert mode == GenerationMode.NEGATIVE  # nothing of this operation can be malformed


def _call(known: Known, path: str, method: str, mode: GenerationMode, examples: int) -> None:
    chance = random.Random(f"{method} {path}")
    named = {one["name"] for one in document()["paths"][path][method].get("parameters", ()) if one["in"] == "query"}

    @seeded(4)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema()[path][method.upper()].as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        assume(named.issuperset(case.query or ()))  # what the document does not name is passed over, and no fault
        if mode == GenerationMode.POSITIVE and chance.random() < 0.8:
            put_in_known_values(case, known, chance)
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {known.key}"})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=[check for check in CHECKS if not _is_kept_apart(answer, check)])
        if answer.status_code >= 400:
            refusal = answer.json()
            assert set(refusal) == {"type", "errors"}
            assert refusal["errors"]
            assert all({"code", "detail", "attr"} <= set(error) for error in refusal["errors"])

    each()


def _is_kept_apart(answer: Any, check: Any) -> bool:
    """Whether this check does not hold because what is no till ticket is kept with its fault, and the others are booked."""
    return check is negative_data_rejection and answer.status_code == 202 and bool(answer.json().get("quarantined"))


def put_in_known_values(case: Any, known: Known, chance: random.Random) -> None:
    """Replace drawn values by ones that exist, wherever a name says what would."""
    for name, value in list((case.path_parameters or {}).items()):
        ways = (
            known.values.get(name)
            if name == "delivery"
            else next(
                (values for part, values in known.values.items() if part.startswith("/") and part in case.path), None
            )
        )
        case.path_parameters[name] = chance.choice(ways) if ways else value
    if isinstance(case.body, dict | list):
        case.body = _known(case.body, known, chance)
    if case.query:
        case.query = _known(case.query, known, chance)


def _known(value: Any, known: Known, chance: random.Random, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _known(inner, known, chance, key) for key, inner in value.items()}
    if isinstance(value, list) and name != "topics":
        return [_known(inner, known, chance, name) for inner in value]
    ways = known.values.get(name)
    return chance.choice(ways) if ways and value is not None and chance.random() < 0.85 else value


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation(known, path, method):
    call_with_drawn_values(known, path, method, examples=SHORT)


@pytest.mark.soak
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation_at_length(known, path, method):
    call_with_drawn_values(known, path, method, examples=LONG)
