"""The Dutch catalogue kept in step with the code, without GNU gettext on the machine.

Strings are found as Django's makemessages finds them: the gettext functions in Python, the translation tags in
templates. `python -m config.translation` brings the .po and .mo file up to date; `faults()` tells what is not.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).resolve().parent.parent
PO = CHECKOUT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
SOURCES = ("apps", "config", "templates")

# Which arguments of a call are context, singular and plural.
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}
_DJANGO = "django.utils.translation"
_LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


class Message(NamedTuple):
    """What a catalogue finds a translation by."""

    context: str | None
    singular: str
    plural: str | None


def in_python(source: str) -> Iterator[tuple[Message, int]]:
    """Each message of a Python file with its line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in FUNCTIONS:
            continue
        texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        if message := _message(name, texts):
            yield message, node.lineno


def too_soon(source: str) -> Iterator[str]:
    """Texts of a Python file that are translated once, when it is imported, in whichever language is meant then."""
    tree = ast.parse(source)
    now = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == _DJANGO
        for name in node.names
        if name.name in FUNCTIONS and not name.name.endswith(("_lazy", "_noop"))
    }

    def at_import(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            yield child
            yield from at_import(child)

    for node in at_import(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in now:
            yield ast.unparse(node)


def in_template(source: str) -> Iterator[tuple[Message, int]]:
    """Each message of a template with its line."""
    python = templatize(source)
    for call in _CALL.finditer(python):
        texts = [ast.literal_eval(literal) for literal in re.findall(_LITERAL, call[2], re.DOTALL)]
        if message := _message(call[1], texts):
            yield message, python.count("\n", 0, call.start()) + 1


def _message(name: str, texts: Sequence[object]) -> Message | None:
    positions = FUNCTIONS[name]
    context, singular, plural = (
        texts[position] if position is not None and position < len(texts) else None for position in positions
    )
    if not isinstance(singular, str) or not singular:
        return None
    return Message(context if isinstance(context, str) else None, singular, plural if isinstance(plural, str) else None)


def in_code() -> dict[Message, list[str]]:
    """Every message of the project with the files it occurs in, in the order of the files."""
    found: dict[Message, list[str]] = {}
    for folder in SOURCES:
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                messages = in_python(path.read_text(encoding="utf-8"))
            elif path.suffix in {".html", ".txt"}:
                messages = in_template(path.read_text(encoding="utf-8"))
            else:
                continue
            for message, _line in sorted(messages, key=lambda pair: pair[1]):
                files = found.setdefault(message, [])
                name = str(path.relative_to(CHECKOUT))
                if name not in files:
                    files.append(name)
    return _plurals_joined(found)


def _plurals_joined(found: dict[Message, list[str]]) -> dict[Message, list[str]]:
    """gettext knows a text once: where it stands with and without plural, the plural entry serves both."""
    with_plural = {(message.context, message.singular) for message in found if message.plural is not None}
    joined: dict[Message, list[str]] = {}
    for message, files in found.items():
        if message.plural is None and (message.context, message.singular) in with_plural:
            continue
        joined[message] = files
    return joined


def catalogue(path: Path = PO) -> polib.POFile:
    """The catalogue in ``path``, or an empty one."""
    if path.exists():
        return polib.pofile(str(path), wrapwidth=100)
    empty = polib.POFile(wrapwidth=100)
    empty.metadata = {
        "Project-Id-Version": "Toonbank",
        "Language": "nl",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return empty


def update(path: Path = PO) -> str:
    """Write catalogue and .mo file anew from the code, keeping translations; tells what is left to translate."""
    old = {_key(entry): entry for entry in catalogue(path)}
    new = catalogue(path)
    new.clear()
    for message, files in in_code().items():
        entry = old.get(message) or polib.POEntry(
            msgctxt=message.context,
            msgid=message.singular,
            msgid_plural=message.plural or "",
            msgstr="",
            msgstr_plural={0: "", 1: ""} if message.plural else {},
        )
        entry.occurrences = [(file, "") for file in files]
        entry.obsolete = False
        if _PLACEHOLDER.search(message.singular) and "%" in message.singular and "python-format" not in entry.flags:
            entry.flags.append("python-format")
        new.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path))
    new.save_as_mofile(str(path.with_suffix(".mo")))
    left = [entry for entry in new if not entry.translated()]
    return f"{len(new)} texts, {len(left)} to translate"


def faults(path: Path = PO) -> list[str]:
    """What keeps the catalogue from being complete and true; empty when nothing does."""
    entries = {_key(entry): entry for entry in catalogue(path) if not entry.obsolete}
    wanted = in_code()
    said = [f"not in {path.name}: {_shown(m)} ({files[0]})" for m, files in wanted.items() if m not in entries]
    said += [f"no longer in the code: {_shown(message)}" for message in entries if message not in wanted]
    for message, entry in entries.items():
        translations = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
        if entry.fuzzy:
            said.append(f"fuzzy: {_shown(message)}")
        elif not all(translations):
            said.append(f"not translated: {_shown(message)}")
        else:
            said += [f"other placeholders: {_shown(message)}" for text in translations if not _fits(message, text)]
    for file in sorted((CHECKOUT / "apps").rglob("*.py")):
        said += [
            f"translated at import: {text} ({file.relative_to(CHECKOUT)})" for text in too_soon(file.read_text("utf-8"))
        ]
    binary = path.with_suffix(".mo")
    if not binary.exists() or binary.read_bytes() != catalogue(path).to_binary():
        said.append(f"{binary.name} was not made from {path.name}")
    return said


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgctxt or None, entry.msgid, entry.msgid_plural or None)


def _fits(message: Message, text: str) -> bool:
    """A translation may leave out no placeholder, except the singular that says "one" in words."""
    wanted = {*_PLACEHOLDER.findall(message.singular), *_PLACEHOLDER.findall(message.plural or "")}
    has = set(_PLACEHOLDER.findall(text))
    return has <= wanted if message.plural else has == wanted


def _shown(message: Message) -> str:
    text = message.singular.replace("\n", " ")
    return repr(text if len(text) <= 70 else text[:69] + "…")


if __name__ == "__main__":
    import sys

    import django
    from django.conf import settings

    settings.configure(USE_I18N=False)
    django.setup()
    sys.stdout.write(update() + "\n")
