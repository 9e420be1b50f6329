"""Calling the API in tests: every answer is held against the API document, so that the document cannot lie."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

DOCUMENT = Path(__file__).resolve().parent.parent / "openapi.yaml"
OF_ANY_OPERATION = {405, 406, 411}
METHODS = {"get", "post", "put", "patch", "delete"}


class ApiCaller(APIClient):
    """Calls the API with a key."""

    def __init__(self, key: str, **options: Any) -> None:
        super().__init__(headers={"Authorization": f"Bearer {key}"}, **options)

    def request(self, **asked: Any) -> Any:
        answer = super().request(**asked)
        hold_to_the_document(asked["REQUEST_METHOD"].lower(), asked["PATH_INFO"], answer)
        return answer


def hold_to_the_document(method: str, path: str, answer: Any) -> None:
    """Fail when an operation answers a status or a body that the document does not tell of."""
    template = next((template for pattern, template in _paths(method) if pattern.fullmatch(path)), None)
    if template is None or answer.status_code in OF_ANY_OPERATION:
        return
    validators = _validators(method, template)
    assert str(answer.status_code) in validators, (
        f"{method} {template} answers {answer.status_code}: {answer.content!r}"
    )
    validator = validators[str(answer.status_code)]
    faults = [] if validator is None else [_said(e) for e in validator.iter_errors(json.loads(answer.content))]
    assert not faults, f"{method} {template} answers what openapi.yaml does not say (`make openapi`?): {faults}"


def _said(error: Any) -> str:
    return f"{error.json_path}: {error.message}"


@cache
def document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(DOCUMENT.read_text(), Loader=yaml.CSafeLoader)
    return document


@cache
def _paths(method: str) -> list[tuple[re.Pattern[str], str]]:
    """The operations of a method; those without parameters first, since they match nothing else."""
    templates = [template for template, operations in document()["paths"].items() if method in operations]
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))), template)
        for template in sorted(templates, key=lambda template: template.count("{"))
    ]


@cache
def _validators(method: str, template: str) -> dict[str, Draft202012Validator | None]:
    """What validates the body of each answer, by status; None where there is no body."""
    return dict(_made(document()["paths"][template][method]["responses"]))


def _made(responses: dict[str, Any]) -> Iterator[tuple[str, Draft202012Validator | None]]:
    for status, response in responses.items():
        named = response.get("$ref", "").rpartition("/")[2]
        content = (document()["components"]["responses"][named] if named else response).get("content")
        told = (content or {}).get("application/json")  # a label is a file
        schema = told and {**_strict(told["schema"]), "components": _components()}
        yield status, schema and Draft202012Validator(schema)


@cache
def _components() -> dict[str, Any]:
    strict: dict[str, Any] = _strict(document()["components"])
    return strict


def _strict(schema: Any) -> Any:
    """The schema as JSON Schema knows it, in which an object has no more fields than the document names."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _strict(part) for name, part in schema.items() if name != "nullable"}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made
