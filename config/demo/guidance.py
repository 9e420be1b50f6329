"""What the demo's staff say: a published policy with tags, and a draft that head office is working on."""

import datetime as dt
from typing import Any

from django.utils import timezone

from apps.service.guidance.models import Policy
from apps.service.guidance.writing import draft_policy, publish_policy, put_rule, put_tags
from apps.service.models import Topic
from config.demo.plan import Plan

# name, conditions, and what to say, to ask and to leave out, each in Dutch and English
_RULES: tuple[tuple[str, dict[str, Any], dict[str, tuple[str, str]]], ...] = (
    ("Wie is het", {"state": "nobody"}, {
        "say": ("Zeg van welke winkel je bent, of van Moswijk.", "Say which store you are of, or Moswijk."),
        "ask": ("Vraag een ordernummer of de klantenkaart.\nGeen van beide? Dan e-mailadres, of postcode en huisnummer.",
                "Ask for an order number or the loyalty card.\nNeither? Then e-mail address, or postcode and house number."),
        "skip": ("Noem niets van iemand voordat vaststaat wie het is.", "Say nothing about anybody before you know who it is."),
    }),
    ("Gebruik beperkt", {"state": "restricted"}, {
        "say": ("Help met waar de klant nu voor komt, en zeg dat we de rest alleen bewaren.",
                "Help with what the customer comes for now, and say that we only keep the rest."),
        "skip": ("Geen aanbiedingen, geen klantenkaart en geen vraag om toestemming.\nGebruik niet wat ze eerder kochten.",
                 "No offers, no loyalty card and no question for consent.\nDo not use what they bought before."),
    }),
    ("Vroeg om gewist te worden", {"state": "erasure_asked"}, {
        "say": ("Zeg dat het verzoek in behandeling is, en dat de klant binnen een maand antwoord krijgt.",
                "Say that the request is being handled, and answered within a month."),
        "skip": ("Geen aanbiedingen en geen vraag om toestemming.\nVraag niet waarom.",
                 "No offers, and no question for consent.\nDo not ask why."),
    }),
    ("Klacht staat open", {"state": "complaint"}, {
        "say": ("Begin bij de klacht: zeg wat er sindsdien is gebeurd.\nBied excuses aan, ook als het aan de bezorger lag.",
                "Begin with the complaint: say what was done since.\nApologise, also where it was the carrier."),
        "ask": ("Vraag of de oplossing zo goed is.", "Ask whether this settles it."),
        "skip": ("Geen aanbiedingen en geen vraag om toestemming.", "No offers, and no question for consent."),
    }),
    ("Klacht over bezorging", {"state": "complaint", "topic": "complaint_delivery"}, {
        "say": ("Begin bij de klacht: zeg waar het pakket nu is.\nJe mag gratis opnieuw sturen tot € 100.",
                "Begin with the complaint: say where the parcel is now.\nYou may send it again for free, up to € 100."),
        "skip": ("Geen aanbiedingen en geen vraag om toestemming.", "No offers, and no question for consent."),
    }),
    ("Retour loopt", {"state": "return"}, {
        "say": ("Zeg waar de retour is en wanneer het geld terug is.", "Say where the return is, and when the money is back."),
        "skip": ("Vraag niet opnieuw naar de reden.", "Do not ask for the reason again."),
    }),
    ("Wacht op een order", {"state": "order"}, {
        "say": ("Noem de afgesproken dag. Is die voorbij, zeg dan uit uzelf wat er aan de hand is.",
                "Name the day that was promised. Where it has passed, say so before they ask."),
    }),
    ("Nieuwe klant", {"state": "new"}, {
        "say": ("Leg uit hoe ruilen werkt: 30 dagen, in elke winkel.", "Explain returns: 30 days, in any store."),
        "ask": ("Vraag of je de klantenkaart mag uitleggen. Zonder kaart is ook goed.",
                "Ask whether you may explain the loyalty card. Without one is fine too."),
        "skip": ("Praat niet over eerdere bezoeken.", "Do not talk about earlier visits."),
    }),
    ("Bestaande klant", {"state": "existing"}, {
        "skip": ("Vraag niet naar wat we weten: adres, maat, kaart.\nNoem eerdere aankopen pas als de klant erover begint.",
                 "Do not ask what we know: address, size, card.\nNo earlier purchases before the customer brings them up."),
    }),
    ("Lang niet gekocht", {"state": "lapsed"}, {
        "say": ("Zeg dat punten en kaart nog gelden.", "Say that points and card are still good."),
        "skip": ("Vraag niet waarom ze wegbleven.", "Do not ask why they stayed away."),
    }),
    ("Aan de telefoon", {"channels": ["phone"]}, {
        "say": ("Noem je naam.\nHerhaal wat is afgesproken voordat je ophangt.",
                "Say your name.\nRepeat what was agreed before you hang up."),
    }),
    ("In de winkel", {"channels": ["store"]}, {
        "ask": ("Vraag de kaart als de klant wil sparen.", "Ask for the card if the customer wants points."),
        "skip": ("Lees geen naam, adres of bedrag hardop voor.", "Read no name, address or amount aloud."),
    }),
    ("Chat en e-mail", {"channels": ["chat", "email", "social"]}, {
        "say": ("Schrijf kort en gewoon. Zet het ordernummer erbij.", "Write short and plain. Add the order number."),
        "skip": ("Stuur geen gegevens die de klant niet zelf noemde.", "Send no data that the customer did not name."),
    }),
    ("Gegevens en toestemming", {"topic": "privacy"}, {
        "say": ("Toestemming intrekken kan meteen, zonder reden.", "Consent can be withdrawn at once, without a reason."),
        "ask": ("Vraag of ze hun gegevens willen zien, verbeteren of laten wissen.",
                "Ask whether they want to see, mend or erase their data."),
    }),
    ("Garantie", {"topic": "warranty"}, {
        "say": ("Twee jaar, ook zonder bon als de koop te vinden is.", "Two years, also without a receipt if we find the sale."),
    }),
)  # fmt: skip  # a rule a paragraph


def publish_guidance(plan: Plan) -> None:
    """A version that holds from today on, and a draft of the next."""
    policy = draft_policy(valid_from=timezone.localdate(), note="Eerste versie, met de winkels geschreven")
    for name, conditions, texts in _RULES:
        _put(policy, name, conditions, texts)
    put_tags(policy=policy, datum="orders.history", tags={("store_associate", ""): "hidden"})
    put_tags(policy=policy, datum="messages.sent", tags={("", "counter"): "hidden"})
    publish_policy(policy=policy, principal=None)
    draft = draft_policy(valid_from=plan.today + dt.timedelta(days=7), note="Klachten over bezorging ruimer oplossen")
    _put(
        draft,
        "Waar blijft het",
        {"topic": "order_status"},
        {
            "say": (
                "Is de dag voorbij: bied gratis bezorgen aan, of klaarleggen in de winkel.",
                "Where the day has passed: offer free delivery, or collecting in the store.",
            )
        },
    )


def _put(policy: Policy, name: str, conditions: dict[str, Any], texts: dict[str, tuple[str, str]]) -> None:
    topic = Topic.objects.get(code=conditions["topic"]) if "topic" in conditions else None
    said = {part: {"nl": dutch, "en": english} for part, (dutch, english) in texts.items()}
    put_rule(policy=policy, name=name, texts=said, **conditions | {"topic": topic})
