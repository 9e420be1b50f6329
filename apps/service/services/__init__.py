"""What the service desk does."""

from apps.service.services.contacts import Contact, DuplicateContact, log_contact

__all__ = ["Contact", "DuplicateContact", "log_contact"]
