"""A view of the list of tickets is a filter in the API too."""

from apps.portal.models import SavedView
from tests.staff import person
from tests.tills.tickets import ticket


def test_a_view_narrows_the_tickets(shop):
    shop.post("sales/", [ticket(sequence=1), ticket(store="S2", sequence=2)])
    maker = person("Mirjam Vos", "head_office")
    shared = SavedView.objects.create(page="tills.ticket", name="S2", query="store=S2", owner=maker, role="finance")
    assert len(shop.get("sales/").json()["results"]) == 2
    [only] = shop.get(f"sales/?view={shared.slug}").json()["results"]
    assert only["sequence"] == 2
    assert shop.get("sales/?view=no-such-view").json()["errors"][0]["attr"] == "view"
