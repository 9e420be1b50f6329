"""Acts offered on a page: a button and its address cannot disagree, for both come from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import reverse

from apps.portal.access import allowed


@dataclass(frozen=True, kw_only=True)
class Action:
    """An act on a list or on one object: verb and noun, where it leads, who may.

    `primary` is the page's one filled button. `danger` is red text until the confirm dialog. With `asks` the confirm
    page opens as a dialog where scripts run. `when(object)` says whether the object allows it now; a button that
    could only fail is not shown. `kwargs` are arguments of the route beyond those of the page.
    """

    label: Any
    route: str
    permission: str
    icon: str = ""
    primary: bool = False
    danger: bool = False
    asks: bool = False
    when: Callable[[Any], bool] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BoundAction:
    """An action with the address it has on this page."""

    action: Action
    url: str


def bind(
    actions: tuple[Action, ...], principal: Any, obj: Model | None = None, url_kwargs: dict[str, Any] | None = None
) -> list[BoundAction]:
    """The actions this person may do and this object allows, the primary one last."""
    usable = [a for a in allowed(actions, principal) if a.when is None or a.when(obj)]
    given = url_kwargs or {}
    return [
        BoundAction(a, reverse(a.route, kwargs={**given, **a.kwargs})) for a in sorted(usable, key=lambda a: a.primary)
    ]
