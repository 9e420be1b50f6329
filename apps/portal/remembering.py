"""How a page about one object is told which list it was opened from: in its own address."""

from urllib.parse import quote

LIST = "list"


def with_list(url: str, address: str) -> str:
    """`url`, knowing the list at `address`: /orders/T1/?list=/orders/?view=short. As it is where there is no list."""
    if not address:
        return url
    return f"{url}{'&' if '?' in url else '?'}{LIST}={quote(address, safe='/?=')}"
