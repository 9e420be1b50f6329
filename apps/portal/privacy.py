"""People's own settings in the register of personal data."""

from apps.core.privacy.register import About, Personal, declare
from apps.portal.models import ListSettings, SavedView

declare(
    SavedView,
    # What somebody filtered by may be a name.
    personal={
        "name": Personal("name of a saved view", about=About.STAFF),
        "query": Personal("filters of a saved view", about=About.STAFF),
        "slug": Personal("address of a saved view, made of its name", about=About.STAFF),
    },
    impersonal={"page", "columns", "role"},
)
declare(ListSettings, impersonal={"page", "columns", "start"})
