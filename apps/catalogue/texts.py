"""Which language a reader gets."""

from collections.abc import Iterable, Sequence

from django.utils.translation.trans_real import parse_accept_lang_header

from apps.catalogue.models import ProductText

_LAST_RESORT = ("nl", "en")


def wanted_locales(accept_language: str, *, otherwise: str) -> list[str]:
    """Languages in the reader's order of preference, then the channel's own."""
    asked = [
        locale
        for language, _ in parse_accept_lang_header(accept_language)
        if language != "*"
        for locale in (language, language.split("-")[0])
    ]
    return list(dict.fromkeys([*asked, otherwise, *_LAST_RESORT]))


def best_text(texts: Iterable[ProductText], locales: Sequence[str]) -> ProductText | None:
    """The text in the first of the languages that there is one in, else any."""
    by_locale = {text.locale.lower(): text for text in texts}
    found = next((by_locale[locale] for locale in locales if locale in by_locale), None)
    return found or next(iter(by_locale.values()), None)
