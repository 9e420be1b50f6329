"""Availability over HTTP."""

import datetime as dt
from collections.abc import Container, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView
from apps.accounts.api_fields import Quantity
from apps.accounts.roles import Scope
from apps.catalogue.models import Variant
from apps.core.errors import Fault, InvalidInput
from apps.core.etags import UNCHANGED, tagged
from apps.core.money import plain
from apps.core.reach import reach_of
from apps.inventory.models import Method
from apps.inventory.services.availability import Answer, Expected, Here, Question, availability, plain_quantity
from apps.inventory.services.drifting import age_of
from apps.inventory.services.explaining import Explanation, Rule, Term, explain, explain_delivery, takes_part
from apps.inventory.services.promise_dates import collect_from, earliest_at_the_door
from apps.network.directory import Entry, locations
from apps.network.models import Location
from apps.network.opening import Hours
from apps.network.postcodes import Point, centroid

MOST_SKUS = 100
_TAGS = ["stock"]


class AvailabilityQuery(serializers.Serializer[Any]):
    sku = serializers.ListField(child=serializers.CharField(max_length=40), max_length=MOST_SKUS, allow_empty=False)
    postcode = serializers.CharField(max_length=10, required=False)
    location = serializers.CharField(max_length=16, required=False)
    collect = serializers.BooleanField(default=False)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=10)


# Made once: building a serializer takes as long as all the rest of the request.
_ASKED = AvailabilityQuery()


class ExpectedSerializer(serializers.Serializer[Any]):
    """So many come on a day, beside what there is."""

    on = serializers.DateField()
    quantity = Quantity()


class DeliverySerializer(serializers.Serializer[Any]):
    available = Quantity()
    promise = serializers.DateField(allow_null=True)
    expected = ExpectedSerializer(many=True)


class LocationAvailabilitySerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    distance_km = serializers.FloatField(allow_null=True)
    available = Quantity()
    collect_from = serializers.DateTimeField(allow_null=True)
    shelf = serializers.CharField(allow_null=True)
    feed_age_s = serializers.IntegerField(allow_null=True)
    expected = ExpectedSerializer(many=True)


class AvailabilitySerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    delivery = DeliverySerializer()
    locations = LocationAvailabilitySerializer(many=True)


class AvailabilityAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    results = AvailabilitySerializer(many=True)


def named_location(code: str) -> Entry:
    """The location that a query names. Raises `InvalidInput` for one that does not exist."""
    entry = locations(code=code).by_code.get(code)
    if entry is None:
        detail = _("There is no location %(code)s.") % {"code": code}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "location")])
    return entry


def named_point(postcode: str, *, country: str) -> Point:
    """Where a postcode in a query lies. Raises `InvalidInput` for what is none."""
    point = centroid(postcode, country=country)
    if point is None:
        detail = _("A postcode has four digits and two letters, for example 1234 AB.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "postcode")])
    return point


def unknown_skus(skus: Sequence[str], known: Container[str]) -> InvalidInput:
    """The error that names each SKU that does not exist."""
    faults = [
        Fault("does_not_exist", _("There is no SKU %(sku)s.") % {"sku": sku}, f"sku.{i}")
        for i, sku in enumerate(skus)
        if sku not in known
    ]
    return InvalidInput(faults[0].detail, faults=faults)


class ExplainQuery(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    location = serializers.CharField(max_length=16, required=False)
    method = serializers.ChoiceField(Method.choices, default=Method.COLLECT)


class TermEvidenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["shelf", "reservation", "order", "feed"])
    key = serializers.CharField()
    quantity = Quantity()


class TermSerializer(serializers.Serializer[Any]):
    rule = serializers.ChoiceField(Rule.values)
    text = serializers.CharField()
    quantity = Quantity()
    evidence = TermEvidenceSerializer(many=True)


class LocationSumSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    available = Quantity()
    oversold = Quantity()
    feed_age_s = serializers.IntegerField(allow_null=True)
    terms = TermSerializer(many=True)


class ExplanationSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    sku = serializers.CharField()
    method = serializers.ChoiceField(Method.choices)
    available = Quantity()
    locations = LocationSumSerializer(many=True)
    terms = TermSerializer(many=True)


class AvailabilityView(ApiView):
    """What is available of up to 100 SKUs: for delivery, and per location to shelf level."""

    required_scopes = {"GET": Scope.STOCK_READ}

    @extend_schema(tags=_TAGS, parameters=[AvailabilityQuery], responses={200: AvailabilityAnswer, 304: UNCHANGED})
    def get(self, request: Request) -> HttpResponse:
        asked = _ASKED.run_validation(lists(request, "sku"))
        channel = self.client.channel
        skus = list(dict.fromkeys(asked["sku"]))
        question = Question(
            skus=skus,
            channel=channel.code,
            location=named_location(asked["location"]) if "location" in asked else None,
            collect=asked["collect"],
            near=named_point(asked["postcode"], country=channel.country) if "postcode" in asked else None,
            limit=asked["limit"],
        )
        now = timezone.now()
        answers = availability(question)
        if len(answers) < len(skus):
            raise unknown_skus(asked["sku"], answers)
        brought = earliest_at_the_door(locations().shipping_by_hours, now)
        moments: dict[Hours, str] = {}
        results = [_result(sku, answers[sku], brought, now, moments) for sku in skus]
        steady = [(r["sku"], r["delivery"], [_steady(here) for here in r["locations"]]) for r in results]
        return tagged(request, results, around={"as_of": now.isoformat()}, tagged_by=steady)


def lists(request: Request, *names: str) -> dict[str, Any]:
    """The query string as data for a serializer, with the given parameters as lists."""
    data: dict[str, Any] = request.query_params.dict()
    for name in names:
        data[name] = request.query_params.getlist(name)
    return data


def _result(
    sku: str,
    answer: Answer,
    brought: Sequence[tuple[dt.date, frozenset[int]]],
    now: dt.datetime,
    moments: dict[Hours, str],
) -> dict[str, Any]:
    days = (day for day, ids in brought if not ids.isdisjoint(answer.senders)) if answer.delivery else iter(())
    promise = next(days, None)
    delivery = {
        "available": plain_quantity(answer.delivery),
        "promise": promise.isoformat() if promise else None,
        "expected": _expected(answer.expected),
    }
    return {"sku": sku, "delivery": delivery, "locations": [_here(h, now, moments) for h in answer.here]}


def _here(here: Here, now: dt.datetime, moments: dict[Hours, str]) -> dict[str, Any]:
    entry = here.location
    moment = None
    if here.free and entry.offers_collect:
        moment = moments.get(entry.hours)
        if moment is None:
            moment = moments[entry.hours] = _local(collect_from(entry.hours, now), entry.hours)
    return {
        "code": entry.code,
        "name": entry.name,
        "distance_km": here.km,
        "available": plain_quantity(here.free),
        "collect_from": moment,
        "shelf": here.shelf,
        "feed_age_s": _seconds(age_of(entry.id, now)),
        "expected": _expected(here.expected),
    }


def _local(moment: dt.datetime, hours: Hours) -> str:
    """A moment as the clock on the wall of a location says it."""
    return moment.astimezone(ZoneInfo(hours.time_zone)).isoformat()


def _expected(expected: Expected) -> list[dict[str, str]]:
    return [{"on": day.isoformat(), "quantity": plain_quantity(quantity)} for day, quantity in expected]


def _steady(here: dict[str, Any]) -> list[Any]:
    """What of a location's answer does not change by the clock alone."""
    return [here["code"], here["name"], here["distance_km"], here["available"], here["shelf"], here["expected"]]


class ExplainView(ApiView):
    """Every term of the sum behind a figure of availability, at one location or at all that send parcels.

    `terms` beside the locations are about the whole chain: what waits for stock, and the threshold of the channel. A client that
    reaches some locations only is told of those.
    """

    required_scopes = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=_TAGS, parameters=[ExplainQuery], responses=ExplanationSerializer)
    def get(self, request: Request) -> Response:
        query = ExplainQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        method = Method(asked["method"])
        variant_id = Variant.objects.filter(sku=asked["sku"]).values_list("pk", flat=True).first()
        if variant_id is None:
            detail = _("There is no SKU %(sku)s.") % {"sku": asked["sku"]}
            raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "sku")])
        entries = self._locations(asked, method)
        if "location" in asked or not reach_of(self.client).every_location:
            # What waits elsewhere is the business of whoever sees the whole chain.
            explanation = explain(variant_id=variant_id, locations=entries, method=method)
        else:
            channel = self.client.channel.code
            explanation = explain_delivery(variant_id=variant_id, locations=entries, channel=channel)
        return Response(_explained(asked["sku"], explanation))

    def _locations(self, asked: dict[str, Any], method: Method) -> list[Entry]:
        visible = Location.objects.visible_to(self.client)
        if "location" in asked:
            entry = named_location(asked["location"])
            if not visible.filter(pk=entry.id).exists():
                detail = _("There is no location %(code)s.") % {"code": asked["location"]}
                raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "location")])
            return [entry]
        if method == Method.COLLECT:
            detail = _("Name the location: a customer collects at one.")
            raise InvalidInput(detail, faults=[Fault("required", detail, "location")])
        reached = set(visible.values_list("pk", flat=True))
        directory = locations(knowing=reached)
        return [e for e in directory.by_id.values() if e.id in reached and takes_part(e, method)]


def _explained(sku: str, explanation: Explanation) -> dict[str, Any]:
    return {
        "as_of": explanation.as_of.isoformat(),
        "sku": sku,
        "method": explanation.method.value,
        "available": plain(explanation.available),
        "locations": [
            {
                "code": one.location.code,
                "name": one.location.name,
                "available": plain(one.promisable),
                "oversold": plain(one.oversold),
                "feed_age_s": _seconds(one.feed_age),
                "terms": _terms(one.terms),
            }
            for one in explanation.sums
        ],
        "terms": _terms(explanation.terms),
    }


def _terms(terms: Sequence[Term]) -> list[dict[str, Any]]:
    return [
        {
            "rule": term.rule.value,
            "text": str(term.rule.label),
            "quantity": plain(term.quantity),
            "evidence": [{"kind": e.kind, "key": e.key, "quantity": plain(e.quantity)} for e in term.evidence],
        }
        for term in terms
    ]


def _seconds(age: dt.timedelta | None) -> int | None:
    return int(age.total_seconds()) if age is not None else None
