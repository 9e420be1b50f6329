"""Lists of the franchise."""

from django.utils.translation import gettext_lazy as _

from apps.franchise.models import RevenueShare, RuleSet
from apps.portal.tables import Column, MoneyColumn, StatusColumn, Table, WhenColumn


class ShareTable(Table):
    """Ledger rows: order or return, what, when, where, why, how much."""

    order_number = Column(_("Order"), slot="title", linkify=True, tight=True)
    product = Column(_("Product"), slot="line", clip=True, orderable=False)
    business_date = WhenColumn(_("Date"), slot="note")
    location = Column(_("Store"), wide=54, tight=True, default=_("Head office"), orderable=False)
    evidence = Column(_("Because"), slot="foot", dim=True, orderable=False)
    kind = StatusColumn(_("What"), wide=62, tone={"credit": "ok", "reversal": "idle"}, orderable=False)
    amount = MoneyColumn(_("Amount"), currency="currency", slot="value", orderable=False)

    class Meta(Table.Meta):
        model = RevenueShare
        fields = ("order_number", "product", "business_date", "location", "evidence", "kind", "amount")

    def render_kind(self, record: RevenueShare, column: StatusColumn) -> str:
        return column.render(RevenueShare.Kind(record.kind).label, record)

    def render_order_number(self, record: RevenueShare) -> str:
        return record.return_number or record.order_number


class NewestShares(ShareTable):
    """The same, inside a page about one period and one currency."""

    class Meta(ShareTable.Meta):
        attrs = {"class": "data-table entries"}
        exclude = ("kind",)
        orderable = False


class RuleSetTable(Table):
    version = Column(_("Version"), slot="title", linkify=True, tight=True)
    name = Column(_("Name"), slot="line")
    waterfall = Column(_("Waterfall"), slot="foot", dim=True, wide=46, orderable=False)
    valid_from = WhenColumn(_("In force from"), slot="note")
    published_at = WhenColumn(_("Published"), slot="value", default=_("Draft"))

    class Meta(Table.Meta):
        model = RuleSet
        fields = ("version", "name", "waterfall", "valid_from", "published_at")

    def render_waterfall(self, record: RuleSet) -> str:
        return " → ".join(record.steps)
