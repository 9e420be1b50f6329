"""Transfers that wait for the sender's consent: their lines have no demand yet."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

STATUSES = [
    ('asked', 'Waits for a yes'),
    ('to_send', 'To be sent'),
    ('partly', 'Partly sent'),
    ('in_transit', 'On its way'),
    ('received', 'Received'),
    ('cancelled', 'Cancelled'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0017_divided_lines'),
    ]

    operations = [
        migrations.AlterField('transfer', 'status', models.CharField(choices=STATUSES, default='to_send', max_length=10, verbose_name='status')),
        migrations.AlterField('transferline', 'demand', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer_line', to='inventory.demand', verbose_name='demand')),
        migrations.AddIndex('transfer', models.Index(condition=Q(status='asked'), fields=['sender'], name='transfer_to_agree')),
    ]
