"""The words by which people are asked for consent, as this version ships them; a retailer publishes own words beside them."""

import hashlib

from django.db import migrations

VERSION = "2026-11"
SPOKEN = "spoken-2026-11"
TEXTS = {
    "newsletter": {
        "nl": "Ik wil de nieuwsbrief per e-mail krijgen. Ik kan dat altijd stoppen met de link in elke mail.",
        "en": "I want to get the newsletter by e-mail. I can stop at any time by the link in each mail.",
    },
    "personal_offers": {
        "nl": "Ik wil aanbiedingen per e-mail krijgen die passen bij wat ik in de winkel en online kocht. Ik kan dat altijd stoppen.",
        "en": "I want to get offers by e-mail that suit what I bought in the store and online. I can stop at any time.",
    },
    "payment_recognition": {
        "nl": "De winkel mag mij herkennen aan mijn betaalpas. Het nummer van de pas wordt niet bewaard, alleen een versleutelde afdruk.",
        "en": "The store may recognise me by my payment card. The number is not kept, only a keyed print of it.",
    },
    "profiling": {
        "nl": "Mijn aankopen mogen worden gebruikt om mij in te delen in groepen klanten met gelijke interesses.",
        "en": "What I buy may be used to put me in groups of customers of like interests.",
    },
}


def publish(apps, schema_editor):
    text_model = apps.get_model("customers", "ConsentText")
    text_model.objects.bulk_create(
        text_model(
            purpose=purpose,
            version=version,
            locale=locale,
            text=text,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )
        for version in (SPOKEN, VERSION)
        for purpose, by_locale in TEXTS.items()
        for locale, text in by_locale.items()
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_consent")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
