"""The kinds of pages. A page of an app is a subclass of one of these, and nothing else reads rows for a page."""

from apps.portal.access import SIGNED_IN
from apps.portal.pages.acting import ActionPage, FormPage
from apps.portal.pages.acting_on_many import ManyAction
from apps.portal.pages.actions import Action
from apps.portal.pages.base import PageAccess, PlainPage
from apps.portal.pages.charting import ChartFile
from apps.portal.pages.editing import Editable
from apps.portal.pages.listing import ListPage, Preset
from apps.portal.pages.objects import DetailPage, Fact, ObjectPage, PanelView
from apps.portal.pages.printing import Printed
from apps.portal.pages.public import PublicPage

__all__ = [
    "SIGNED_IN",
    "Action",
    "ActionPage",
    "ChartFile",
    "DetailPage",
    "Editable",
    "Fact",
    "FormPage",
    "ListPage",
    "ManyAction",
    "ObjectPage",
    "PageAccess",
    "PanelView",
    "PlainPage",
    "Preset",
    "Printed",
    "PublicPage",
]
