"""The catalogue over HTTP: what a channel sells, at its prices."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.api import ApiView, SyncedPages, SyncQuery
from apps.accounts.api_fields import ZonedTime
from apps.accounts.roles import Scope
from apps.catalogue.api_documents import ProductSerializer, of_variants, with_parts
from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.models import Category, Product, ProductText, Variant
from apps.catalogue.services.changing import changed_since, touched_since
from apps.catalogue.texts import wanted_locales
from apps.catalogue.views import ProductList
from apps.core.errors import Fault, InvalidInput
from apps.core.etags import UNCHANGED, tagged, tagged_document
from apps.core.spelling import Plain
from apps.network.models import Channel
from apps.portal.pages.viewing import rows_in_view, view_field

_TAGS = ["catalogue"]
_BY_LANGUAGE = "Accept-Language"


class ProductQuery(SyncQuery):
    q = serializers.CharField(required=False, max_length=100, help_text="Words of the name, or the start of a SKU.")
    gtin = serializers.CharField(required=False, max_length=20)
    category = serializers.CharField(required=False, max_length=32, help_text="With all categories below it.")
    updated_since = ZonedTime(required=False, help_text="At least once; overlap five minutes.")
    view = view_field(of="products")


class _ProductRead(ApiView):
    """What both product views share: the rows, and how one is written."""

    required_scopes = {"GET": Scope.CATALOGUE_READ}

    def rows(self) -> QuerySet[Variant]:
        return with_parts(Variant.objects.visible_to(self.client))

    def written(self, variants: Iterable[Variant]) -> list[dict[str, Any]]:
        channel: Channel = self.client.channel
        locales = wanted_locales(self.request.headers.get(_BY_LANGUAGE, ""), otherwise=channel.locale)
        return of_variants(list(variants), channel=channel, locales=locales)


class ProductsView(_ProductRead):
    """Everything that is sold, one entry per SKU, by pages. `since` gives what changed since a `sync_token`."""

    pagination_class = SyncedPages

    @extend_schema(tags=_TAGS, parameters=[ProductQuery], responses={200: ProductSerializer(many=True), 304: UNCHANGED})
    def get(self, request: Request) -> HttpResponse:
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        pages = SyncedPages.begun(asked)
        rows = self._narrowed(self.rows(), asked)
        page = pages.paginate_queryset(rows, request, view=self) or []
        around = {
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "sync_token": str(pages.sync_token),
        }
        return tagged(request, self.written(page), around=around, vary=_BY_LANGUAGE)

    def _narrowed(self, rows: QuerySet[Variant], asked: dict[str, Any]) -> QuerySet[Variant]:
        for word in asked.get("q", "").split():
            named = ProductText.objects.filter(name__plain__contains=Plain(Value(word))).values("product")
            rows = rows.filter(Q(product__in=named) | Q(sku__istartswith=word))
        if "gtin" in asked:
            rows = rows.filter(gtins__code=_gtin(asked["gtin"]))
        if "category" in asked:
            rows = rows.filter(product__category__in=_category_and_below(asked["category"]))
        if "view" in asked:
            products = rows_in_view(ProductList, asked["view"], Product.objects.visible_to(self.client), self.client)
            rows = rows.filter(product__in=products.values("pk"))
        if "since" in asked:
            rows = changed_since(rows, position=asked["since"], channel=self.client.channel)
        if "updated_since" in asked:
            rows = touched_since(rows, moment=asked["updated_since"], channel=self.client.channel)
        return rows


class ProductView(_ProductRead):
    """One SKU."""

    @extend_schema(tags=_TAGS, responses={200: ProductSerializer, 304: UNCHANGED})
    def get(self, request: Request, sku: str) -> HttpResponse:
        variant = None if "\x00" in sku else self.rows().filter(sku=sku).first()
        if variant is None:
            raise NotFound(_("There is no SKU %(sku)s.") % {"sku": sku})
        (document,) = self.written([variant])
        return tagged_document(request, document, vary=_BY_LANGUAGE)


def _gtin(text: str) -> str:
    try:
        return parse_gtin(text)
    except InvalidGtin as error:
        raise InvalidGtin(error.detail, faults=[Fault(error.code, error.detail, "gtin")]) from error


def _category_and_below(code: str) -> list[int]:
    rows = list(Category.objects.values_list("pk", "code", "parent_id"))
    found = [pk for pk, known, _ in rows if known == code]
    if not found:
        detail = _("There is no category %(code)s.") % {"code": code}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "category")])
    for pk in found:
        found.extend(child for child, _, parent in rows if parent == pk)
    return found
