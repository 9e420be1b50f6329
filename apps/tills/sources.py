"""Where documents come from, in words."""

from django.utils.translation import gettext as _

from apps.tills.adapters.canonical import SOURCE


def source_in_words(source: str) -> str:
    """The tills, or a kind of file: a file's source is `adapter/channel`."""
    if source == SOURCE:
        return _("Tills")
    return _("File %(kind)s") % {"kind": source.partition("/")[0]}
