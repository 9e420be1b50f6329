from django.db import migrations, models
from django.db.models.functions import Upper

# Of places whose codes differ by case only, those made later get a number behind theirs.
_TELL_APART = """
    UPDATE inventory_place AS place SET code = left(place.code, 13) || '~' || twin.n
      FROM (SELECT id, row_number() OVER (PARTITION BY location_id, upper(code) ORDER BY id) AS n FROM inventory_place) AS twin
     WHERE twin.id = place.id AND twin.n > 1"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0023_without_day")]

    operations = [
        migrations.RunSQL(_TELL_APART, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint("location", Upper("code"), name="one_place_whatever_the_case"),
        ),
    ]
