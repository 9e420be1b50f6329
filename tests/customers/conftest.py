from tests.people import api_client_for, make_location, make_user, shop_api, webshop

__all__ = ["api_client_for", "make_location", "make_user", "shop_api", "webshop"]
