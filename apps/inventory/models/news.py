"""Stock that changed, for whoever is told of it."""

import pgtrigger
from django.db import models

TOPIC = "stock.changed"

_IF_ANYBODY_LISTENS = f"""
    IF EXISTS (SELECT 1 FROM accounts_webhookendpoint WHERE off_because = '' AND '{TOPIC}' = ANY (topics)) THEN
        INSERT INTO inventory_stocknews (variant_id, location_id)
        %s;
    END IF;
    RETURN NULL;
"""
_NOTE = _IF_ANYBODY_LISTENS % "SELECT DISTINCT now.variant_id, now.location_id FROM {changed}"
_KEPT = ("on_hand - {0}.reserved", "safety_collect", "safety_delivery")
_FREE = "({})".format(", ".join("{0}." + kept for kept in _KEPT))
_CHANGED = f"""
    levels_now AS now JOIN levels_before AS before USING (id)
     WHERE now.condition = 'saleable' AND {_FREE.format("now")} <> {_FREE.format("before")}
"""
_ADDED = "levels_now AS now WHERE now.condition = 'saleable' AND now.on_hand <> now.reserved"


class StockNews(models.Model):
    """What can be promised of a variant at a location changed, or without a location what can be sent of it. A queue: rows are
    taken out as webhooks are made of them.

    Triggers of the levels, and of what waits for stock, write it, only while an endpoint is told of stock: so it holds every
    change, whatever made it, and costs nothing where nobody listens. Plain numbers, for a foreign key would lock what all
    orders share.
    """

    variant_id = models.BigIntegerField()
    location_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"variant {self.variant_id} at {self.location_id or 'all that send'}"


NOTED = [
    pgtrigger.Trigger(
        name="tells_of_changes",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="levels_before", new="levels_now"),
        func=_NOTE.format(changed=_CHANGED),
    ),
    pgtrigger.Trigger(
        name="tells_of_new_ones",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="levels_now"),
        func=_NOTE.format(changed=_ADDED),
    ),
]

WAITED = [
    pgtrigger.Trigger(
        name=f"tells_of_waiting_{when}",
        when=pgtrigger.After,
        operation=operation,
        condition=pgtrigger.Condition(condition),
        func=_IF_ANYBODY_LISTENS % "VALUES (NEW.variant_id, NEW.wanted_at_id)",
    )
    for when, operation, condition in (
        ("begun", pgtrigger.Insert, "NEW.level_id IS NULL"),
        ("changed", pgtrigger.Update, "NEW.level_id IS NULL OR OLD.level_id IS NULL"),
    )
]
"""Of demands: most are for stock and stop at the condition, which costs them nothing."""
