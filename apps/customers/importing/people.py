"""The kind of import: the columns of customers, in the words of several systems, and what is asked for the file as a whole."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from apps.customers.importing import flaws
from apps.customers.importing.cells import CardCell, DayField, EmailCell, PhoneCell, PointsField, YesNoField
from apps.customers.importing.session import PeopleSession
from apps.portal.importing.kinds import ImportColumn, ImportKind


def _text(length: int) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=False)


class PersonRow(serializers.Serializer[Any]):
    """One customer as another system knows them."""

    external_id = _text(110)
    loyalty_card = CardCell(max_length=40, required=False)
    points = PointsField(required=False)
    email = EmailCell(max_length=254, required=False)
    phone = PhoneCell(max_length=40, required=False)
    mobile = PhoneCell(max_length=40, required=False)
    first_name = _text(60)
    initials = _text(20)
    infix = _text(20)
    last_name = _text(80)
    name = _text(160)
    birth_date = DayField(required=False)
    organisation = _text(120)
    kvk = _text(20)
    vat = _text(30)
    street = _text(80)
    house_number = _text(24)
    house_number_suffix = _text(12)
    address = _text(120)
    postcode = _text(20)
    city = _text(60)
    country = _text(60)
    home_store = _text(16)
    newsletter = YesNoField(required=False)
    newsletter_date = DayField(required=False)
    newsletter_text = _text(32)
    newsletter_proof = _text(120)


class SystemOptions(forms.Form):
    system = forms.SlugField(
        label=gettext_lazy("System"),
        max_length=40,
        help_text=gettext_lazy(
            "What the system is called here, such as lightspeed. Of a webshop that goes on selling: the code of its channel, "
            "so that its orders find these customers."
        ),
    )
    verified = forms.BooleanField(
        label=gettext_lazy("The system had e-mail addresses confirmed"),
        required=False,
        help_text=gettext_lazy("Then an address proves who somebody is. If you are not sure, leave it off."),
    )
    country = forms.CharField(
        label=gettext_lazy("Country of addresses and phone numbers without one"),
        max_length=2,
        min_length=2,
        initial="NL",
        help_text=gettext_lazy("The code of two letters."),
    )


class CustomerImport(ImportKind):
    name = "customers"
    label = gettext_lazy("Import customers")
    intro = gettext_lazy(
        "One row for each customer of another system. First you see who is new, and who is recognised as somebody we know. "
        "Nobody is joined because of a name or an address alone."
    )
    permission = "customers.import"
    serializer_class = PersonRow
    options_form = SystemOptions
    back = ("imports:imports", gettext_lazy("Imports"))
    flaws = {
        "invalid_email": flaws.BAD_EMAIL,
        "invalid_phone": flaws.BAD_PHONE,
        "invalid_card": flaws.BAD_CARD,
        "invalid_date": flaws.BAD_DATE,
        "invalid_points": flaws.BAD_POINTS,
        "invalid_yes_no": flaws.BAD_WORD,
    }
    marks = {
        "recognised": gettext_lazy("Recognised"),
        "in_file": gettext_lazy("The same as an earlier row"),
        "alike": gettext_lazy("Joined by likeness"),
        "suspect": gettext_lazy("Possibly known"),
    }
    found = (
        ImportColumn("joins", gettext_lazy("Recognised by")),
        ImportColumn("suspect", gettext_lazy("Possibly the same as")),
        ImportColumn("consent", gettext_lazy("Newsletter")),
        ImportColumn("card", gettext_lazy("Card")),
        ImportColumn("balance", gettext_lazy("Points")),
        ImportColumn("identifiers", gettext_lazy("To be found by")),
    )
    columns = (
        ImportColumn(
            "external_id",
            gettext_lazy("Customer number"),
            "10042",
            gettext_lazy("The key of the other system; by it the same customer is known again."),
            (
                "customerid",
                "klantnummer",
                "klantid",
                "id",
                "entityid",
                "customercode",
                "debiteurnummer",
                "relatienummer",
            ),
        ),
        ImportColumn(
            "loyalty_card",
            gettext_lazy("Card"),
            "2620000000017",
            gettext_lazy("It goes on working under its own number."),
            (
                "card",
                "cardnumber",
                "kaartnummer",
                "klantenkaart",
                "loyaltynumber",
                "barcode",
            ),
        ),
        ImportColumn(
            "points",
            gettext_lazy("Points"),
            "1250",
            gettext_lazy("What is on the card; it opens the card here, once."),
            ("punten", "spaarpunten", "puntensaldo", "saldo", "pointsbalance", "loyaltypoints", "rewardpoints"),
        ),
        ImportColumn(
            "email",
            gettext_lazy("E-mail address"),
            "a.vandenberg@example.org",
            "",
            ("email", "emailaddress", "emailadres", "email1"),
        ),
        ImportColumn(
            "phone",
            gettext_lazy("Phone"),
            "030 123 4567",
            "",
            ("telephone", "telefoon", "telefoonnummer", "defaultaddressphone", "homephone"),
        ),
        ImportColumn(
            "mobile",
            gettext_lazy("Mobile"),
            "06 12345678",
            gettext_lazy("Goes before the other number."),
            ("mobiel", "mobilephone", "mobielnummer", "cellphone"),
        ),
        ImportColumn(
            "first_name", gettext_lazy("First name"), "Anna", "", ("firstname", "voornaam", "billingfirstname")
        ),
        ImportColumn("initials", gettext_lazy("Initials"), "A.M.", "", ("voorletters", "initialen")),
        ImportColumn("infix", gettext_lazy("Infix"), "van den", "", ("tussenvoegsel", "middlename", "voorvoegsel")),
        ImportColumn(
            "last_name", gettext_lazy("Last name"), "Berg", "", ("lastname", "achternaam", "surname", "billinglastname")
        ),
        ImportColumn(
            "name",
            gettext_lazy("Name in one cell"),
            "",
            gettext_lazy("Taken apart, where first and last name have no columns."),
            ("fullname", "naam", "klantnaam", "customername"),
        ),
        ImportColumn(
            "birth_date",
            gettext_lazy("Date of birth"),
            "21-3-1974",
            "",
            ("dob", "birthdate", "birthday", "geboortedatum", "dateofbirth"),
        ),
        ImportColumn(
            "organisation",
            gettext_lazy("Organisation"),
            "",
            "",
            ("company", "companyname", "bedrijf", "bedrijfsnaam", "defaultaddresscompany"),
        ),
        ImportColumn("kvk", gettext_lazy("KvK number"), "", "", ("kvknummer", "coc", "cocnumber", "chamberofcommerce")),
        ImportColumn(
            "vat", gettext_lazy("VAT number"), "", "", ("vatnumber", "btwnummer", "taxvat", "taxvatnumber", "vatid")
        ),
        ImportColumn(
            "street",
            gettext_lazy("Street"),
            "Oudegracht",
            "",
            ("straat", "straatnaam", "streetname", "addressbillingstreet"),
        ),
        ImportColumn(
            "house_number",
            gettext_lazy("House number"),
            "12",
            "",
            ("huisnummer", "housenumber", "streetnumber", "addressbillingnumber"),
        ),
        ImportColumn(
            "house_number_suffix",
            gettext_lazy("Addition"),
            "bis",
            "",
            ("toevoeging", "huisnummertoevoeging", "addressbillingextension"),
        ),
        ImportColumn(
            "address",
            gettext_lazy("Street and number in one cell"),
            "",
            "",
            (
                "adres",
                "address1",
                "addressline1",
                "streetaddress",
                "defaultaddressaddress1",
                "physicaladdress1",
            ),
        ),
        ImportColumn(
            "postcode",
            gettext_lazy("Postcode"),
            "3511 AB",
            "",
            ("zip", "zipcode", "postalcode", "defaultaddresszip", "physicalpostcode", "addressbillingzipcode"),
        ),
        ImportColumn(
            "city",
            gettext_lazy("City"),
            "Utrecht",
            "",
            ("plaats", "woonplaats", "stad", "town", "defaultaddresscity", "physicalcity", "addressbillingcity"),
        ),
        ImportColumn(
            "country",
            gettext_lazy("Country"),
            "NL",
            gettext_lazy("Its code, or its name."),
            (
                "land",
                "countrycode",
                "landcode",
                "countryid",
                "defaultaddresscountrycode",
                "physicalcountryid",
                "addressbillingcountry",
            ),
        ),
        ImportColumn(
            "home_store",
            gettext_lazy("Home store"),
            "",
            gettext_lazy("The code of the store."),
            ("thuiswinkel", "winkel", "store", "filiaal"),
        ),
        ImportColumn(
            "newsletter",
            gettext_lazy("Newsletter"),
            "",
            gettext_lazy("Yes counts only with the text, the date and the proof of it; else it is not taken over."),
            (
                "nieuwsbrief",
                "acceptsemailmarketing",
                "acceptsmarketing",
                "subscribed",
                "optin",
                "newslettersubscription",
            ),
        ),
        ImportColumn(
            "newsletter_date", gettext_lazy("Newsletter since"), "", "", ("optindate", "optindatum", "nieuwsbriefdatum")
        ),
        ImportColumn("newsletter_text", gettext_lazy("Version of the text"), "", "", ("optintext", "tekstversie")),
        ImportColumn(
            "newsletter_proof",
            gettext_lazy("Proof"),
            "",
            gettext_lazy("Where they said it."),
            ("optinsource", "bewijs", "optinbron"),
        ),
    )

    def keep_options(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {"system": cleaned["system"], "verified": cleaned["verified"], "country": cleaned["country"].upper()}

    def say_options(self, options: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        verified = _("prove who somebody is") if options.get("verified") else _("prove nothing")
        return [
            (_("System"), options.get("system", "–")),
            (_("E-mail addresses"), verified),
            (_("Country"), options.get("country", "NL")),
        ]

    def begin(self, *, options: Mapping[str, Any], principal: Any, reference: str) -> PeopleSession:
        return PeopleSession(
            system=options["system"],
            verified=bool(options.get("verified")),
            country=options.get("country", "NL"),
            actor=reference,
        )
