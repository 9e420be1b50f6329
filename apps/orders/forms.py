"""Forms of the pages about orders."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.orders.acts import cancellable_pieces
from apps.orders.elsewhere import Elsewhere
from apps.orders.models import Order, OrderLine, Proof
from apps.orders.models.refusals import GIVEN
from apps.orders.services.fulfilling import standing_worth
from apps.orders.services.types import Identified, WrongState
from apps.orders.tenders import AT_THE_COUNTER, CARD
from apps.portal import formats


def _described(line: OrderLine, currency: str) -> str:
    return _("%(quantity)s × %(name)s, %(amount)s") % {
        "quantity": formats.quantity(line.standing),
        "name": line.name,
        "amount": formats.money(standing_worth(line), currency),
    }


class CancelForm(forms.Form):
    """Which lines to call off, and how many of each: everything that is still in the building, unless somebody says less."""

    lines = forms.MultipleChoiceField(
        label=gettext_lazy("Lines"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "What was paid for them goes back the way it was paid. The stock is free again at once."
        ),
        error_messages={"required": gettext_lazy("Choose at least one line.")},
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = list(order.lines.all())
        self._rest = _rest_of(lines)
        self._cancelled = {ln.line: ln.quantity_cancelled for ln in lines}
        standing = [ln for ln in lines if ln.line in self._rest]
        field = self.fields["lines"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(ln.line), _described(ln, order.currency)) for ln in standing]
        field.initial = [str(ln.line) for ln in standing]
        for ln in standing:
            rest = self._rest[ln.line]
            if ln.quantity <= 1:
                continue
            self.fields[f"pieces-{ln.line}"] = forms.DecimalField(
                label=_("Of %(name)s") % {"name": ln.name},
                required=False,
                min_value=0,
                max_digits=12,
                decimal_places=3,
                localize=True,
                initial=rest.normalize(),
                help_text=_("At most %(count)s.") % {"count": formats.quantity(rest)},
            )
            self.fields[f"before-{ln.line}"] = forms.DecimalField(
                widget=forms.HiddenInput, required=False, initial=f"{ln.quantity_cancelled.normalize():f}"
            )

    @property
    def in_all(self) -> dict[int, Decimal]:
        """How many of each line that was chosen are cancelled then: {line: quantity}. By what was shown, so that the same
        form sent again says the same."""
        given = self.cleaned_data
        found = {}
        for line in map(int, given["lines"]):
            before, pieces = given.get(f"before-{line}"), given.get(f"pieces-{line}")
            before = self._cancelled[line] if before is None else before
            found[line] = before + (self._rest[line] if pieces is None else pieces)
        return found


def _rest_of(lines: Iterable[OrderLine]) -> dict[int, Decimal]:
    try:
        return cancellable_pieces(lines)
    except WrongState:
        return {}


class CollectCodeForm(forms.Form):
    """The code that a customer shows at the counter."""

    code = forms.CharField(max_length=40, label=gettext_lazy("Collect code"))


class HandOverForm(forms.Form):
    """The collect code or another proof, to whom the goods go, and how they pay what is still due."""

    code = forms.CharField(
        label=gettext_lazy("Collect code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("The customer finds it in the mail that says the order is ready."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "enterkeyhint": "go"}
        ),
    )
    proof = forms.ChoiceField(
        label=gettext_lazy("Shown"),
        choices=Proof.choices,
        initial=Proof.CODE,
        required=False,
        help_text=gettext_lazy("Without the code, look at a document with a name. Write nothing of it down."),
    )
    who = forms.ChoiceField(label=gettext_lazy("Who is it?"), choices=(), required=False, widget=forms.RadioSelect)
    method = forms.ChoiceField(
        label=gettext_lazy("Paid with"), choices=AT_THE_COUNTER, initial=CARD, widget=forms.RadioSelect
    )

    CUSTOMER, COLLECTOR = "customer", "collector"

    def __init__(
        self, *args: Any, due: Decimal, shown: str = "", customer: str = "", collector: str = "", **kwargs: Any
    ) -> None:
        """`due` is what is still to be paid; `shown` the code that was scanned already, which is not asked again.

        `customer` and `collector` are the names of who may identify themselves.
        """
        super().__init__(*args, **kwargs)
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [(self.CUSTOMER, customer or _("The customer")), (self.COLLECTOR, collector)]
        who.initial = self.CUSTOMER
        if shown or not collector:
            del self.fields["who"]
        if shown:
            del self.fields["proof"]
        if due <= 0:
            del self.fields["method"]
        if shown:
            self.initial["code"] = shown
            self.fields["code"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.identified and not given.get("code"):
            self.add_error("code", _("Scan or type the code, or choose what was shown instead."))
        return given

    @property
    def identified(self) -> Identified | None:
        """What was shown instead of the code; wants validated data."""
        document = self.cleaned_data.get("proof") or Proof.CODE
        if document == Proof.CODE:
            return None
        return Identified(document, self.cleaned_data.get("who") == self.COLLECTOR)


class PickedForm(forms.Form):
    """How many of a line were taken from the shelf in all, as the button said that was pressed."""

    line = forms.IntegerField(min_value=1)
    picked = forms.DecimalField(min_value=0, max_digits=12, decimal_places=3)


class RefuseForm(forms.Form):
    """Why a store cannot do what waits for it of an order."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why not"),
        choices=GIVEN,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("What is missing or damaged is promised to nobody until it was counted."),
    )


class ReroutedLinesForm(forms.Form):
    """Which lines of an order come another way: all that can, unless some are chosen."""

    line = forms.MultipleChoiceField(
        label=gettext_lazy("Which lines?"), choices=(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = {line.line for line in lines}
        field = self.fields["line"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (str(line.line), f"{formats.quantity(line.standing)} × {line.name} · {line.get_method_display()}")
            for line in lines
        ]
        field.initial = [str(number) for number in self.numbers]

    @property
    def chosen(self) -> set[int]:
        """The numbers of the lines; what is not understood chooses nothing, and then all of them are meant."""
        asked = self.cleaned_data.get("line", ()) if self.is_bound and self.is_valid() else ()
        return {int(number) for number in asked} or self.numbers


class RerouteForm(forms.Form):
    """Another store that has all of it, a store that it is sent to, or the customer's address."""

    HOME = "home"
    SENT_TO = "sent-to:"

    to = forms.ChoiceField(
        label=gettext_lazy("What the customer would like"),
        choices=(),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )

    def __init__(
        self, *args: Any, stores: Sequence[Elsewhere], sent_to: Sequence[Elsewhere], home: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        have_it = {each.store.code for each in stores}
        field.choices = [
            *((each.store.code, _collect_at(each)) for each in stores),
            *((self.SENT_TO + each.store.code, _sent_to(each)) for each in sent_to if each.store.code not in have_it),
        ]
        if home:
            field.choices = [*field.choices, (self.HOME, home)]


def _sent_to(each: Elsewhere) -> str:
    return _("Have it sent to %(store)s and collect it there") % {"store": each.store.name}


def _collect_at(each: Elsewhere) -> str:
    if not each.km:  # unknown, or the very store
        return _("Collect in %(store)s") % {"store": each.store.name}
    return _("Collect in %(store)s, %(km)s km") % {"store": each.store.name, "km": formats.quantity(str(each.km))}
