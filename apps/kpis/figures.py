"""The dashboard's figures: each with its rows, its receipt, and what it was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.kpis.links import ONLINE, STORE, orders_url, returns_url
from apps.kpis.services.measuring import ChannelUse, Figures, Sales
from apps.portal import formats
from apps.portal.periods import Period


@dataclass(frozen=True)
class Term:
    """A line of a figure's receipt. `kind` is "", "part" or "total"."""

    label: Any
    amount: str
    url: str = ""
    because: Any = ""
    kind: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure: `how` says in a sentence what it is, `terms` how it adds up, `url` leads to its rows."""

    name: Any
    value: str
    url: str
    change: str
    tone: str
    how: Any
    terms: Sequence[Term]
    note: Any = ""


@dataclass(frozen=True)
class Reading:
    """What figures are read from: two periods in one currency. `then` is empty when sales began later than `before`."""

    currency: str
    period: Period
    before: Period
    now: Figures
    then: Figures

    def money(self, amount: Decimal) -> str:
        return formats.money(amount, self.currency)

    def headline(self, amount: Decimal) -> str:
        """Whole units: the cents are in the receipt."""
        return formats.money(amount, self.currency, 0)

    def orders(self, **narrower: Any) -> str:
        return orders_url(currency=self.currency, period=self.period, **narrower)

    def returns(self, **narrower: Any) -> str:
        return returns_url(currency=self.currency, period=self.period, **narrower)


def figures_of(reading: Reading) -> list[Figure]:
    now, then = reading.now, reading.then
    return [
        _net_sales(reading, _("Online net sales"), now.online, then.online, ONLINE),
        _net_sales(reading, _("Store net sales"), now.store, then.store, STORE),
        _total(reading),
        _collected(reading),
        _returned(reading),
        _known(reading),
    ]


def _net_sales(reading: Reading, name: str, now: Sales, then: Sales, kinds: tuple[str, ...]) -> Figure:
    orders, returns = reading.orders(kinds=kinds), reading.returns(kinds=kinds)
    return Figure(
        name=name,
        value=reading.headline(now.net),
        url=orders,
        how=_(
            "Goods that customers have, without VAT where VAT is known, after discount and less what came back. A sale "
            "counts on the day of its order, a return on the day it was paid back. Delivery and other charges are no sales."
        ),
        terms=[
            Term(_("Sold"), reading.money(now.sold), orders, _orders(now)),
            Term(_("Came back"), reading.money(-now.returned), returns),
            Term(name, reading.money(now.net), kind="part"),
            Term(reading.before, reading.money(then.net), because=_("compared with")),
        ],
        **_grown(now.net, then.net),
    )


def _total(reading: Reading) -> Figure:
    now, then = reading.now, reading.then
    return Figure(
        name=_("Total net sales"),
        value=reading.headline(now.total.net),
        url=reading.orders(),
        how=_("Online and stores together, in one currency. Other currencies have a dashboard of their own."),
        terms=[
            Term(_("Online net sales"), reading.money(now.online.net), reading.orders(kinds=ONLINE)),
            Term(_("Store net sales"), reading.money(now.store.net), reading.orders(kinds=STORE)),
            Term(_("Total net sales"), reading.money(now.total.net), kind="part"),
            Term(reading.before, reading.money(then.total.net), because=_("compared with")),
        ],
        **_grown(now.total.net, then.total.net),
    )


def _collected(reading: Reading) -> Figure:
    now, then = reading.now.online, reading.then.online
    return Figure(
        name=_("Online orders collected in a store"),
        value=formats.percent(reading.now.collect_share) or "–",
        url=reading.orders(kinds=ONLINE, method="collect"),
        how=_("Online orders that were handed over in a store, as a share of all online orders handed over or sent."),
        terms=[
            Term(_("Collected"), _number(now.collect_orders), reading.orders(kinds=ONLINE, method="collect")),
            Term(_("All online orders"), _number(now.orders), reading.orders(kinds=ONLINE)),
            Term(_("Collected ÷ all"), formats.percent(reading.now.collect_share) or "–", kind="part"),
            Term(
                reading.before,
                formats.percent(reading.then.collect_share) or "–",
                because=_("%(part)s of %(all)s") % {"part": _number(then.collect_orders), "all": _number(then.orders)},
            ),
        ],
        **_moved(reading.now.collect_share, reading.then.collect_share),
    )


def _returned(reading: Reading) -> Figure:
    now, then = reading.now.total, reading.then.total
    return Figure(
        name=_("Return rate"),
        value=formats.percent(reading.now.return_rate) or "–",
        url=reading.returns(),
        how=_(
            "What came back in the period as a share of what was sold in it, by net amount. Goods may come back that were "
            "sold before."
        ),
        terms=[
            Term(_("Came back"), reading.money(now.returned), reading.returns()),
            Term(_("Sold"), reading.money(now.sold), reading.orders()),
            Term(_("Came back ÷ sold"), formats.percent(reading.now.return_rate) or "–", kind="part"),
            Term(
                reading.before,
                formats.percent(reading.then.return_rate) or "–",
                because=_("%(part)s of %(all)s")
                % {"part": reading.money(then.returned), "all": reading.money(then.sold)},
            ),
        ],
        **_moved(reading.now.return_rate, reading.then.return_rate, more_is_better=False),
    )


def _known(reading: Reading) -> Figure:
    now, then = reading.now.total, reading.then.total
    return Figure(
        name=_("Sales with a known customer"),
        value=formats.percent(reading.now.known_share) or "–",
        url=reading.orders(known=True),
        how=_("Sales of which the customer is known, by a card, an account or an e-mail address, by net amount."),
        terms=[
            Term(_("Known customer"), reading.money(now.known_sold), reading.orders(known=True)),
            Term(_("Sold"), reading.money(now.sold), reading.orders()),
            Term(_("Known ÷ sold"), formats.percent(reading.now.known_share) or "–", kind="part"),
            Term(
                reading.before,
                formats.percent(reading.then.known_share) or "–",
                because=_("%(part)s of %(all)s")
                % {"part": reading.money(then.known_sold), "all": reading.money(then.sold)},
            ),
        ],
        **_moved(reading.now.known_share, reading.then.known_share),
    )


def figure_of_channel_use(use: ChannelUse, currency: str) -> Figure:
    """What customers of several kinds of channel spend beside those of one."""

    def money(amount: Decimal | None) -> str:
        return formats.money(None if amount is None else amount.quantize(Decimal("0.01")), currency) or "–"

    known = orders_url(currency=currency, period=use.months, known=True)
    return Figure(
        name=_("Several channels against one"),
        value=f"{formats.amount(use.ratio, 1)} ×" if use.ratio is not None else "–",
        url=known,
        change=_("%(several)s a customer against %(one)s")
        % {"several": money(use.several.average), "one": money(use.one.average)}
        if use.ratio is not None
        else _("Nobody to compare with yet"),
        tone="",
        how=_(
            "What known customers spent in twelve calendar months, net and less returns: those who bought in at least two "
            "kinds of channel (webshop, store, app, service desk, partner) beside those who bought in one. An association, "
            "not a cause: people who buy much also come across more channels."
        ),
        terms=[
            Term(_("Months"), str(use.months)),
            Term(
                _("Several channels, a customer"), money(use.several.average), because=_customers(use.several.customers)
            ),
            Term(_("One channel, a customer"), money(use.one.average), because=_customers(use.one.customers)),
            Term(
                _("Several ÷ one"),
                f"{formats.amount(use.ratio, 2)} ×" if use.ratio is not None else "–",
                known,
                kind="part",
            ),
        ],
        note=_("Association, not cause"),
    )


def _grown(now: Decimal, then: Decimal) -> dict[str, str]:
    """How an amount changed, in words."""
    if then <= 0:
        return {"change": _("Nothing to compare with"), "tone": ""}
    if now == then:
        return {"change": _("Unchanged"), "tone": ""}
    part = formats.percent(abs(now - then) / then)
    if now >= then:
        return {"change": _("%(part)s higher") % {"part": part}, "tone": "ok"}
    return {"change": _("%(part)s lower") % {"part": part}, "tone": "bad"}


def _moved(now: Decimal | None, then: Decimal | None, *, more_is_better: bool = True) -> dict[str, str]:
    """How a share changed, in percentage points."""
    if now is None or then is None:
        return {"change": _("Nothing to compare with"), "tone": ""}
    points = {"points": formats.amount(abs(now - then) * 100, 1)}
    if points["points"] == formats.amount(0, 1):
        return {"change": _("Unchanged"), "tone": ""}
    good = (now >= then) == more_is_better
    said = _("%(points)s points higher") if now >= then else _("%(points)s points lower")
    return {"change": said % points, "tone": "ok" if good else "bad"}


def _number(count: int) -> str:
    return formats.amount(count, 0)


def _orders(sales: Sales) -> str:
    return ngettext("%(count)s order", "%(count)s orders", sales.orders) % {"count": _number(sales.orders)}


def _customers(count: int) -> str:
    return ngettext("%(count)s customer", "%(count)s customers", count) % {"count": _number(count)}
