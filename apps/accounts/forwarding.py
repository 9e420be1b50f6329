"""What the key in an access grant means now, where the object became part of another one."""

from collections.abc import Callable, Collection

Resolver = Callable[[Collection[str]], Collection[str]]
_resolvers: dict[str, Resolver] = {}


def forwards(object_type: str, resolver: Resolver) -> None:
    """Let an app above say of keys which objects they mean now: `resolver(keys)` gives the keys that came in place of some."""
    if _resolvers.setdefault(object_type, resolver) is not resolver:
        raise ValueError(f"two resolvers for {object_type}")


def keys_now(object_type: str, keys: Collection[str]) -> frozenset[str]:
    """The keys that came in place of some of these."""
    resolver = _resolvers.get(object_type)
    return frozenset(resolver(keys)) if resolver else frozenset()
