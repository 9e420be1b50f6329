"""Stock in the register of personal data: goods, documents, and keys of who handled them."""

from apps.core.privacy.register import declare
from apps.inventory.models import (
    Count,
    CountedLine,
    CountResult,
    Place,
    PlaceLevel,
    PurchaseNotice,
    Recall,
    RecallSorting,
    Reservation,
    SafetyRule,
    SourcingProfile,
    SourcingRun,
    SourcingStrategy,
    StockDocument,
    StockLevel,
    StockMovement,
    StoreTask,
    Transfer,
    TransferLine,
)

declare(StockDocument, impersonal={"number", "kind", "reason", "reference", "actor"})
declare(StockLevel, impersonal={"condition"})
declare(StockMovement, impersonal={"cause_type", "cause_id", "kind", "actor", "from_condition", "to_condition"})
declare(Place, impersonal={"code", "name", "kind"})
declare(PlaceLevel, impersonal={"condition"})
declare(Recall, impersonal={"number", "why", "advice", "batch", "started_by", "lifted_by"})  # of goods; actors' keys
declare(RecallSorting, impersonal={"sorted_by"})  # an actor's key
declare(Reservation, impersonal={"reference"})
declare(StoreTask, impersonal={"kind", "cause_type", "cause_id", "done_by"})  # done_by is an actor's key
declare(SourcingProfile, impersonal={"version", "name", "published_by"})  # published_by is an actor's key
declare(SourcingStrategy, impersonal={"name", "channels", "countries", "speeds", "sources", "criteria"})
declare(SourcingRun, impersonal={"strategy", "strategies", "candidates", "others"})
declare(
    Transfer,
    impersonal={
        "number",
        "status",
        "reference",
        "cause_type",
        "cause_id",
        "requested_by",  # actors' keys
        "sent_by",
        "received_by",
    },
)
declare(PurchaseNotice, impersonal={"number", "supplier", "reference", "status", "announced_by"})  # an actor's key
declare(SafetyRule, impersonal={"location_kind", "method"})
declare(TransferLine, impersonal={"unsent_because", "differs_because"})
declare(Count, impersonal={"number", "basis", "shelf", "status", "created_by", "submitted_by", "approved_by"})
declare(CountedLine, impersonal={"shelf", "counted_by"})  # an actor's key
declare(CountResult, impersonal={"currency"})
