"""The module that Django looks for in a database engine."""

import select

from django.db.backends.postgresql import base
from psycopg import _queries

# Where the values go in a statement psycopg finds out once, unless the statement is long or has many values: rows that are
# written, of which there are ever others. What a page asks of all apps at once (apps.core.statements) is longer, and comes again.
_queries.MAX_CACHED_STATEMENT_LENGTH = 16_384
_queries.MAX_CACHED_STATEMENT_PARAMS = 256


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; a connection that has been idle is judged by its socket instead of by a query before each request."""

    def is_usable(self) -> bool:
        """Whether the server still listens. One that went away has closed the socket or left its last words in it."""
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0)
