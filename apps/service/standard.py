"""The topics that a new installation begins with. Head office keeps the tree from there."""

from typing import Any

from apps.service.models import Topic

# code, what it is part of, name in Dutch, English, German and French, what else it is called
_STANDARD: tuple[tuple[str, str, str, str, str, str, list[str]], ...] = (
    ("order_status", "", "Waar is mijn bestelling", "Where is my order", "Wo ist meine Bestellung", "Où est ma commande",
     ["order", "orders", "delivery", "delivery_status", "shipping", "tracking", "wismo", "where_is_my_order"]),
    ("delivery_late", "order_status", "Levering te laat", "Late delivery", "Späte Lieferung", "Livraison en retard", ["late"]),
    ("parcel_missing", "order_status", "Pakket niet gekregen", "Parcel not received", "Paket nicht erhalten", "Colis non reçu",
     ["lost", "missing"]),
    ("order_change", "order_status", "Bestelling wijzigen of annuleren", "Change or cancel an order",
     "Bestellung ändern oder stornieren", "Modifier ou annuler une commande", ["cancel", "cancellation", "change"]),
    ("collect", "order_status", "Afhalen in de winkel", "Collecting in the store", "Abholung im Laden", "Retrait en magasin",
     ["click_and_collect", "pickup"]),
    ("return", "", "Retour", "Return", "Retoure", "Retour", ["returns", "exchange"]),
    ("refund", "return", "Geld terug", "Refund", "Rückerstattung", "Remboursement", ["refunds"]),
    ("product", "", "Vraag over een product", "Product question", "Frage zu einem Produkt", "Question sur un produit",
     ["product_question", "products", "advice"]),
    ("availability", "product", "Voorraad", "Availability", "Verfügbarkeit", "Disponibilité", ["stock"]),
    ("warranty", "product", "Garantie en reparatie", "Warranty and repair", "Garantie und Reparatur", "Garantie et réparation",
     ["repair", "defect"]),
    ("payment", "", "Betaling", "Payment", "Zahlung", "Paiement", ["payments", "billing", "price"]),
    ("invoice", "payment", "Factuur of bon", "Invoice or receipt", "Rechnung oder Bon", "Facture ou ticket", ["receipt"]),
    ("gift_card", "payment", "Cadeaukaart", "Gift card", "Geschenkkarte", "Carte cadeau", []),
    ("loyalty", "", "Punten en kaart", "Points and card", "Punkte und Karte", "Points et carte", ["points", "card"]),
    ("complaint", "", "Klacht", "Complaint", "Beschwerde", "Réclamation", ["complaints"]),
    ("complaint_product", "complaint", "Over een product", "About a product", "Über ein Produkt", "Sur un produit", []),
    ("complaint_delivery", "complaint", "Over de levering", "About the delivery", "Über die Lieferung", "Sur la livraison", []),
    ("complaint_store", "complaint", "Over een winkel", "About a store", "Über einen Laden", "Sur un magasin", []),
    ("privacy", "", "Gegevens en toestemming", "Data and consent", "Daten und Einwilligung", "Données et consentement",
     ["account", "consent", "gdpr", "avg"]),
    ("other", "", "Overig", "Other", "Sonstiges", "Autre",
     ["general", "question", "service", "store", "feedback", "compliment", "test"]),
)  # fmt: skip  # a line or two for each


def add_standard_topics(**_signal: Any) -> None:
    """Add those that are not there; what head office made of one that is, stays."""
    known = {topic.code: topic for topic in Topic.objects.all()}
    for place, (code, parent, dutch, english, german, french, words) in enumerate(_STANDARD, start=1):
        if code not in known:
            names = {"nl": dutch, "en": english, "de": german, "fr": french}
            known[code] = Topic.objects.create(
                code=code,
                parent=known.get(parent),
                order=place * 10,
                names=names,
                words=words,
                active_from="2020-01-01",
            )
