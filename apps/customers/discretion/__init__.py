"""What of a customer may be said, known or seen, by purpose and role."""

from apps.customers.discretion.deciding import Tags, tag_of, tags_of
from apps.customers.discretion.rules import TagRule, rules_from

__all__ = ["TagRule", "Tags", "rules_from", "tag_of", "tags_of"]
