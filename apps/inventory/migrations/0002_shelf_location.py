import django.db.models.deletion
from django.db import migrations, models

_FILL = """
UPDATE inventory_placelevel AS level SET location_id = place.location_id FROM inventory_place AS place
 WHERE place.id = level.place_id;
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial"), ("inventory", "0001_initial")]

    operations = [
        migrations.RemoveIndex("placelevel", "shelves_of_variant"),
        migrations.AddField(
            "placelevel",
            "location",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.location",
                verbose_name="location",
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "placelevel",
            "location",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.location",
                verbose_name="location",
            ),
        ),
        migrations.AlterField(
            "placelevel",
            "variant",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="place_levels",
                to="catalogue.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddIndex(
            "placelevel", models.Index(fields=["variant", "location"], name="shelves_of_variant")
        ),
    ]
