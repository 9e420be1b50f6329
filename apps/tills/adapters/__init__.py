"""Adapters: each reads one foreign format into the documents of `apps.tills.documents`, and knows nothing of the database."""
