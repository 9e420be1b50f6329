"""Transfers that leave and come in several goes: what was sent and came of a line are sums, no longer "not yet"."""

from django.db import migrations, models
from django.db.models import F, Q

# What was known of one sending and one receipt, as sums: a line that was sent short keeps nothing for later.
_LINES = """
    UPDATE inventory_transferline AS line
       SET unsent = CASE WHEN line.sent IS NULL THEN 0 ELSE line.requested - line.sent END,
           differs = CASE WHEN line.received IS NULL THEN 0 ELSE line.received - line.sent END,
           unpacked = CASE WHEN transfer.status = 'in_transit' THEN line.packed ELSE 0 END,
           packed = CASE WHEN transfer.status = 'to_send' THEN line.packed ELSE 0 END,
           sent = coalesce(line.sent, 0),
           received = coalesce(line.received, 0)
      FROM inventory_transfer AS transfer WHERE transfer.id = line.transfer_id"""
_TRANSFERS = """
    UPDATE inventory_transfer
       SET is_on_the_way = status = 'in_transit',
           sendings = CASE WHEN sent_at IS NULL OR status = 'cancelled' THEN 0 ELSE 1 END,
           receipts = CASE WHEN received_at IS NULL THEN 0 ELSE 1 END"""
STATUSES = [
    ('to_send', 'To be sent'),
    ('partly', 'Partly sent'),
    ('in_transit', 'On its way'),
    ('received', 'Received'),
    ('cancelled', 'Cancelled'),
]


def _quantity(words):
    return models.DecimalField(decimal_places=3, default=0, max_digits=12, verbose_name=words)


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0015_imbalances'),
    ]

    operations = [
        migrations.RemoveConstraint('transferline', 'transfer_asks_for_some'),
        migrations.RemoveConstraint('transferline', 'transfer_sends_what_was_asked'),
        migrations.RemoveConstraint('transferline', 'transfer_receives_what_was_sent'),
        migrations.RemoveIndex('transfer', 'transfer_to_send'),
        migrations.RemoveIndex('transfer', 'transfer_to_receive'),
        migrations.AlterField('transfer', 'status', models.CharField(choices=STATUSES, default='to_send', max_length=10, verbose_name='status')),
        migrations.AddField('transfer', 'is_on_the_way', models.BooleanField(default=False)),
        migrations.AddField('transfer', 'sendings', models.PositiveSmallIntegerField(default=0)),
        migrations.AddField('transfer', 'receipts', models.PositiveSmallIntegerField(default=0)),
        migrations.RenameField('transferline', 'counted', 'packed'),
        migrations.AlterField('transferline', 'packed', _quantity('packed')),
        migrations.AddField('transferline', 'unpacked', _quantity('unpacked')),
        migrations.AddField('transferline', 'unsent', _quantity('not sent')),
        migrations.AddField('transferline', 'differs', _quantity('difference')),
        migrations.RunSQL(_LINES, migrations.RunSQL.noop),
        migrations.RunSQL(_TRANSFERS, migrations.RunSQL.noop),
        migrations.AlterField('transferline', 'sent', _quantity('sent')),
        migrations.AlterField('transferline', 'received', _quantity('received')),
        migrations.AddIndex('transfer', models.Index(condition=Q(status__in=('to_send', 'partly')), fields=['sender'], name='transfer_to_send')),
        migrations.AddIndex('transfer', models.Index(condition=Q(is_on_the_way=True), fields=['receiver'], name='transfer_to_receive')),
        migrations.AddConstraint('transferline', models.CheckConstraint(condition=Q(requested__gt=0) & Q(packed__gte=0) & Q(unpacked__gte=0), name='transfer_asks_for_some')),
        migrations.AddConstraint('transferline', models.CheckConstraint(condition=Q(sent__gte=0) & Q(unsent__gte=0) & Q(requested__gte=F('sent') + F('unsent')), name='transfer_sends_what_was_asked')),
        migrations.AddConstraint('transferline', models.CheckConstraint(condition=Q(received__gte=0) & Q(received__lte=F('sent') + F('differs')), name='transfer_receives_what_was_sent')),
    ]
