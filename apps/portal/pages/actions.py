"""Acts offered on a page: a button and its address cannot disagree, for both come from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import reverse

from apps.core.errors import DomainError
from apps.portal.access import allowed
from apps.portal.remembering import with_list


@dataclass(frozen=True, kw_only=True)
class Action:
    """An act on a list or on one object: verb and noun, where it leads, who may.

    `primary` is the page's one filled button. `danger` is red text until the confirm dialog. With `asks` the confirm
    page opens as a dialog where scripts run. `kwargs` are arguments of the route beyond those of the page.

    `when(object)` says whether it is an act for such an object at all; where it is not, there is no button. `check(object)`
    is the rule of the service that would refuse: it raises the same DomainError, and the button stands there disabled with
    its words as the reason.
    """

    label: Any
    route: str
    permission: str
    icon: str = ""
    primary: bool = False
    danger: bool = False
    asks: bool = False
    when: Callable[[Any], bool] | None = None
    check: Callable[[Any], object] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BoundAction:
    """An action with the address it has on this page; `why_not` says why it cannot be done now, blank when it can."""

    action: Action
    url: str
    why_not: str = ""


def bind(
    actions: tuple[Action, ...],
    principal: Any,
    obj: Model | None = None,
    url_kwargs: dict[str, Any] | None = None,
    *,
    list_address: str = "",
) -> list[BoundAction]:
    """The actions this person may do with such an object, those not possible now first and the primary one last.

    What is not possible now leads nowhere. The list at `list_address` is not lost on the way.
    """
    bound = []
    for action in allowed(actions, principal):
        if action.when is None or action.when(obj):
            url = reverse(action.route, kwargs={**(url_kwargs or {}), **action.kwargs})
            bound.append(BoundAction(action, with_list(url, list_address), refused_by(action.check, obj)))
    return sorted(bound, key=lambda each: (each.why_not == "", each.action.primary))


def refused_by(check: Callable[[Any], object] | None, obj: Any) -> str:
    """Why a rule refuses an object, in the words of its DomainError; blank when it does not."""
    try:
        if check is not None:
            check(obj)
    except DomainError as refusal:
        return refusal.detail
    return ""
