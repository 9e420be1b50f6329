"""What returns tell the guidance for conversations: whose goods are coming back, or whose money is still to go back."""

from collections.abc import Collection

from apps.returns.models import Return, ReturnStatus

_OVER = (ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN)


def waiting_for_return(source_record_ids: Collection[int]) -> set[int]:
    """Of these records, those with a return that is not settled."""
    returns = Return.objects.filter(source_record__in=source_record_ids).exclude(status__in=_OVER)
    return set(returns.order_by().values_list("source_record", flat=True).distinct())
