from django.db import migrations, models

METHODS = [("collect", "Collect"), ("delivery", "Delivery"), ("carry_out", "Taken along")]

# Most lines there are were taken along: they have it as soon as the column is there, and are not written anew.
FILL = """
    UPDATE orders_orderline AS line SET method = bought.method FROM orders_order AS bought
     WHERE bought.id = line.order_id AND bought.method <> 'carry_out'"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_slot_bookings")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="method",
            field=models.CharField(choices=METHODS, default="carry_out", max_length=10, verbose_name="method"),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="order",
            name="collect_promised_at",
            field=models.DateTimeField(null=True, verbose_name="part to collect promised"),
        ),
    ]
