"""What runs by the clock, for Celery beat. One line a task: name, seconds between runs."""

from typing import Any


def every(seconds: float, task: str, **arguments: Any) -> dict[str, Any]:
    """Run ``task`` every so many seconds; a run that nobody took up before the next one is due is dropped."""
    return {"task": task, "schedule": seconds, "kwargs": arguments, "options": {"expires": seconds}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "read events": every(2, "core.read_events"),
    "release lapsed reservations": every(30, "inventory.release_expired"),
    "cancel unpaid orders": every(60, "orders.lapse_unpaid"),
    "follow up what is to be collected": every(600, "orders.follow_up_collecting"),
    "book parcels at their carriers": every(60, "orders.book_parcels"),
    "ask carriers what arrived": every(1800, "orders.follow_parcels"),
    "find stock for what waits": every(60, "orders.source_waiting"),
    "let announced returns lapse": every(3600, "returns.lapse_announced"),
    "send mail": every(30, "messages.send_due"),
    "tell stock": every(3, "inventory.tell_stock"),
    "send webhooks": every(5, "accounts.send_webhooks"),
    "clear up webhooks": every(3600, "accounts.clear_webhooks"),
    "forget idempotency keys": every(3600, "core.forget_idempotency_keys"),
    "send waiting jobs": every(15, "core.send_waiting_jobs"),
    "forget imported files": every(3600, "portal.forget_imports"),
    "clear up jobs": every(3600, "core.clear_up_jobs"),
    "work out what stores sell a day": every(6 * 3600, "inventory.sell_through"),
    "write safety stock on levels": every(24 * 3600, "inventory.write_safety"),
    "hold back what is recalled": every(60, "inventory.hold_recalled"),
    "give consigned goods to whom they belong": every(60, "inventory.change_hands"),
    "match records that came": every(3, "customers.match_waiting"),
    "match all records at night": every(1800, "customers.match_nightly"),
    "review looks at customers": every(300, "customers.review_looks"),
    "let go of what is over its term": every(1800, "customers.let_go"),
    "end restrictions and holds": every(3600, "customers.end_protections"),
    "seal looks at customers": every(3600, "customers.seal_looks"),
    "compare the books": every(3600, "core.compare_books"),
    "count segments": every(3600, "customers.count_segments"),
    "set apart what too many share": every(24 * 3600, "customers.set_apart_shared"),
    "let points count": every(900, "loyalty.activate"),
    "forget invitations that lapsed": every(3600, "loyalty.forget_invitations"),
}
