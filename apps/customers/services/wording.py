"""The texts by which people are asked for consent."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.customers.models import ConsentText


@transaction.atomic
def publish_text(*, purpose: str, version: str, locale: str, text: str) -> ConsentText:
    """Keep the words of a version, for ever. The same words twice are one.

    Raises Conflict for other words under a version that was used.
    """
    words = " ".join(text.split())
    kept, _made = ConsentText.objects.get_or_create(
        purpose=purpose,
        version=version,
        locale=locale,
        defaults={"text": words, "digest": ConsentText.digest_of(words)},
    )
    if kept.digest != ConsentText.digest_of(words):
        raise Conflict(
            _("Version %(version)s has other words already. Give the new words a new version.") % {"version": version}
        )
    return kept
