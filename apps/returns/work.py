"""Returns that wait for the people of a store: the goods are there, nobody has looked at them yet."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.portal.access import may
from apps.portal.work.kinds import Described, WorkKind
from apps.returns.models import Return, ReturnStatus


def _describe(principal: Any, keys: Collection[Any]) -> dict[Any, Described]:
    acts = may(principal, "returns.accept")
    returns = Return.objects.visible_to(principal).filter(pk__in=keys).annotate(goods=Count("lines"))
    return {
        rma.pk: Described(
            what=_("Look at return %(number)s") % {"number": rma.number},
            url=reverse("returns:take-in", kwargs={"number": rma.number}) if acts else rma.get_absolute_url(),
            meta=ngettext("%(count)s line", "%(count)s lines", rma.goods) % {"count": rma.goods},
        )
        for rma in returns
    }


INSPECT = WorkKind(
    name="returns.inspect",
    label=gettext_lazy("Returns to look at"),
    icon="undo-2",
    permission="returns.accept",
    seen_with="returns.view",
    rows=lambda principal: Return.objects.visible_to(principal).filter(status=ReturnStatus.RECEIVED),
    describe=_describe,
    within=dt.timedelta(hours=9),
    order=35,
    route="returns:returns",
    since="received_at",
)
