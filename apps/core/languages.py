"""Languages we write in, for whoever reads something other than a page of their own: a mail, a label, a slip in a parcel."""

from django.conf import settings


def known_locale(locale: str) -> str:
    """The language to write in: the reader's where we write it, else that of the formula."""
    language = locale.replace("_", "-").lower()
    known = dict(settings.LANGUAGES)
    return next((code for code in (language, language.partition("-")[0]) if code in known), settings.LANGUAGE_CODE)
