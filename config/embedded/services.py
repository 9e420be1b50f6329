"""The embedded services of one installation, started and stopped together."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.embedded.places import Places
from config.embedded.postgres import PostgresServer
from config.embedded.valkey import ValkeyServer

DATABASE = "toonbank"


@dataclass
class Services:
    """PostgreSQL and Valkey of an installation; None for one that runs elsewhere."""

    places: Places
    postgres: PostgresServer | None
    valkey: ValkeyServer | None

    @classmethod
    def of(cls, places: Places, *, postgres: bool, valkey: bool) -> "Services":
        return cls(
            places,
            PostgresServer(places.postgres, places.run, places.logs / "postgres.log") if postgres else None,
            ValkeyServer(places.valkey, places.valkey_socket, places.logs / "valkey.log") if valkey else None,
        )

    def __iter__(self) -> Iterator[tuple[str, PostgresServer | ValkeyServer]]:
        """In the order of starting."""
        if self.postgres is not None:
            yield "PostgreSQL", self.postgres
        if self.valkey is not None:
            yield "Valkey", self.valkey

    def start(self, *, dies_with_us: bool) -> dict[str, bool]:
        """Start what does not run and make the database; name → whether it was started just now."""
        self.places.make()
        started = {name: server.start(dies_with_us=dies_with_us) for name, server in self}
        if self.postgres is not None:
            self.postgres.create_database(DATABASE)
        return started

    def stop(self, *names: str) -> dict[str, bool]:
        """Stop the named services, or all; name → whether it ran."""
        chosen = [(name, server) for name, server in self if not names or name in names]
        return {name: server.stop() for name, server in reversed(chosen)}
