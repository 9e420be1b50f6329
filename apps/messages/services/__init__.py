"""Mail to customers: put in the outbox with the change that causes it, sent from there."""

from apps.messages.services.queueing import Letter, news, queue_message, queue_messages

__all__ = ["Letter", "news", "queue_message", "queue_messages"]
