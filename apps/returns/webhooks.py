"""What webhooks tell of returns."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import ApiClient
from apps.accounts.webhooks.topics import Document, Topic, contribute
from apps.returns.api_documents import of_return, with_parts
from apps.returns.models import Return

_SAID_TO_THE_CUSTOMER_ONLY = {"return_code"}


def _returns(client: ApiClient, wanted: Mapping[str, Any]) -> dict[str, Document]:
    """Returns of the client's channel or stores, as it may read them, without what only the customer should know."""
    returns = with_parts(Return.objects.visible_to(client)).filter(number__in=list(wanted))
    return {
        rma.number: {name: value for name, value in of_return(rma).items() if name not in _SAID_TO_THE_CUSTOMER_ONLY}
        for rma in returns
    }


contribute(
    Topic(
        name="return.updated",
        permission="returns.view",
        documents=_returns,
        events=frozenset(
            {"return.announced", "return.received", "return.inspected", "return.settled", "return.withdrawn"}
        ),
    )
)
