"""What the catalogue puts on the portal."""

from django.utils.translation import gettext_lazy as _

from apps.catalogue.importing.articles import ArticleImport
from apps.catalogue.linking import link_unknown
from apps.catalogue.searching import find_products
from apps.portal import registry
from apps.portal.importing.kinds import import_kind
from apps.portal.registry import UNKNOWN, Section

registry.navigation(Section.RANGE, _("Products"), "catalogue:products", "tag", "catalogue.view", order=10, key="a")
registry.search(
    "product",
    _("Products"),
    find_products,
    "catalogue.view",
    icon="tag",
    order=20,
    list_route="catalogue:products",
    guesses=True,
)
registry.scan_act(UNKNOWN, "link", _("Link to a product"), link_unknown, "catalogue.edit", icon="link", order=10)
import_kind(ArticleImport())
registry.topic("product.changed", _("Product data changed"))
registry.topic("price.changed", _("Price changed"))
