"""Lists of goals."""

from django.utils.translation import gettext_lazy as _

from apps.kpis.models import Goal
from apps.portal.tables import Column, Table, WhenColumn


class GoalTable(Table):
    name = Column(_("Goal"), slot="title", linkify=True)
    measure = Column(_("Measure"), slot="line", dim=True)
    owner = Column(_("Owner"), slot="foot", dim=True)
    ends_on = WhenColumn(_("Ends"), slot="value")

    class Meta(Table.Meta):
        model = Goal
        fields = ("name", "measure", "owner", "ends_on")
