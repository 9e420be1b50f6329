from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.customers.models import Customer
from apps.orders.models import Order
from tests.orders.counter import order_of
from tests.orders.test_pages_list import till_sale


def orders_of_customer(shop, customer: Customer, **keys):
    return shop.get(f"customers/{customer.key}/orders/", **keys)


def test_a_customers_orders_of_every_channel_after_a_look_up(shop):
    web = order_of(shop)
    store = till_sale(shop, shop.s2)
    Order.objects.filter(pk=store.pk).update(source_record=web.source_record)
    customer = Customer.objects.get()
    partner = ApiClient.objects.create(name="Service", channel=shop.web, scopes=["customers:read"])
    key = issue_api_key(client=partner)

    # given nobody has looked the customer up
    assert orders_of_customer(shop, customer, api_key=key).status_code == 404

    # when they gave their order number
    found = shop.post(
        "customers/lookup/", {"identifiers": {"order": web.number}, "purpose": "service"}, api_key=key
    ).json()
    assert found == {"match": "one", "id": str(customer.key)}

    # then both channels' orders are there, the newest first
    answer = orders_of_customer(shop, customer, api_key=key)
    assert answer.status_code == 200
    assert [row["number"] for row in answer.json()["results"]] == [web.number, store.number]
    assert answer.json()["results"][0]["collect_code"] == web.collect_code


def test_the_collect_code_is_for_the_channel_that_sold(shop):
    order = order_of(shop)
    customer = Customer.objects.get()
    till = ApiClient.objects.create(name="Till", channel=shop.s2.channel, scopes=["customers:read"])
    key = issue_api_key(client=till)
    shop.post("customers/lookup/", {"identifiers": {"order": order.number}, "purpose": "service"}, api_key=key)
    [row] = orders_of_customer(shop, customer, api_key=key).json()["results"]
    assert row["number"] == order.number
    assert row["collect_code"] is None


def test_it_takes_the_scope_for_customers(shop):
    order_of(shop)
    client = ApiClient.objects.create(name="Stock", channel=shop.web, scopes=["orders:read"])
    answer = orders_of_customer(shop, Customer.objects.get(), api_key=issue_api_key(client=client))
    assert answer.status_code == 403
