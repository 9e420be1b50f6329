"""Suppliers who leave goods with us that are theirs until they are sold."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.network.models import LegalEntity


@transaction.atomic
def add_supplier(*, code: str, name: str, kvk_number: str = "") -> LegalEntity:
    """A supplier, who may own stock and nothing else. Raises Conflict when the code is somebody's already."""
    try:
        with transaction.atomic():
            return LegalEntity.objects.create(
                code=code, name=name, kvk_number=kvk_number, kind=LegalEntity.Kind.SUPPLIER
            )
    except IntegrityError as error:
        if "code" in str(error):
            raise Conflict(_("%(code)s is the code of another legal entity.") % {"code": code}) from error
        raise
