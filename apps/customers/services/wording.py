"""The texts by which people are asked for consent."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.languages import known_locale
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


def words_now(purposes: Collection[str], *, locale: str) -> tuple[str, dict[str, str]]:
    """What somebody is asked now for purposes that are asked together: (version, {purpose: text}).

    The newest version with words for each of them; of a newer one that has not, nobody could say later what they saw.
    """
    texts = ConsentText.objects.filter(purpose__in=purposes, locale=known_locale(locale))
    whole = texts.values("version").annotate(said=Count("purpose"), last=Max("pk")).filter(said=len(purposes))
    version = whole.order_by("-last").values_list("version", flat=True).first() or ""
    return version, dict(texts.filter(version=version).values_list("purpose", "text"))
