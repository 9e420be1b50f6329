"""Tags of the page kit: figures as people read them, icons, the shell, links of a list."""

import datetime as dt
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import structlog
from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from apps.accounts.roles import Role
from apps.accounts.roles import roles_with as _roles_with
from apps.core.codes.drawing import draw_gtin, draw_qr, draw_text
from apps.portal import formats
from apps.portal.access import may as _may
from apps.portal.discretion import Tag
from apps.portal.flashes import undo_of
from apps.portal.icons import draw
from apps.portal.remembering import LIST, with_list
from apps.portal.rendering import Fault, faults_in
from apps.portal.shell import Shell

register = template.Library()

register.simple_tag(formats.money, name="money")
register.filter("amount", formats.amount)
register.filter("quantity", formats.quantity)
register.filter("percent", formats.percent)
register.filter("day", formats.day)
register.filter("clock", formats.clock)
register.filter("duration", formats.duration)
register.filter("language", formats.language)
register.filter("postcode", formats.postcode)
register.filter("undo_of", undo_of)
register.filter("gtin_bars", draw_gtin)
register.filter("text_bars", draw_text)
register.simple_tag(draw_qr, name="qr_code")


@register.filter
def when(value: dt.datetime | dt.date | None) -> str:
    """A moment or day, machine-readable too."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.when(value))


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A lucide icon, hidden from assistive technology: the word beside it says the same."""
    return draw(str(name), f"icon {classes}".strip())


@register.simple_tag
def say(tag: str) -> SafeString:
    """Whether a datum may be said: its tag with an icon, a word and what it means; nothing where it has none."""
    return _said(str(tag), get_language() or "") if tag else mark_safe("")


@lru_cache(maxsize=32)
def _said(tag: str, language: str) -> SafeString:
    """The same for every datum of a page, and every page of a language."""
    word = Tag(tag)
    drawn = '<span class="tag" data-say="{}" title="{}">{}{}</span>'
    return format_html(drawn, word.value, word.meaning, icon(word.icon), word.label)


@register.simple_tag
def say_tags() -> list[Tag]:
    """Every tag that a datum can have, for a legend."""
    return list(Tag)


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell:
    """The frame of this page."""
    return Shell(context.get("request"))


@register.simple_tag(takes_context=True)
def list_url(context: Context, place: dict[str, str] | None = None, **more: str) -> str:
    """This list in another state: `sort=`, `part=`, or at the place of another page."""
    state = context["part"].page.state if "part" in context else context["state"]
    return str(state.address(**(place or {}), **more))


@register.simple_tag(takes_context=True)
def own_url(context: Context, **asked: Any) -> str:
    """A part of this page by its name, which does not lose the list that the page was opened from."""
    return with_list(f"?{urlencode(asked)}", context["request"].GET.get(LIST, ""))


@register.simple_tag
def request_id() -> str:
    """The id of this request in the logs, to name when asking for help; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


@register.filter
def roles_with(permission: Any) -> list[str]:
    """Which roles hold a permission, in words; none to name when every role does, or when it is no permission."""
    roles = _roles_with(str(permission))
    return [] if len(roles) == len(Role) else [str(role.label) for role in roles]


@register.simple_tag
def faults_of(form: Any) -> list[Fault]:
    """What is wrong with the fields of a long form, for the summary above it; nothing for one that is seen at a glance."""
    return faults_in(form)


@register.filter
def may(user: Any, permission: str) -> bool:
    """Whether the user holds a permission: {% if user|may:"orders.view" %}."""
    return _may(user, permission)
