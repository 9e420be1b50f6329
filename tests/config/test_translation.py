from config.translation import Message, in_python, in_template, too_soon


def test_messages_of_python_are_found_with_context_and_plural() -> None:
    # given
    source = """
label = _("in" " two parts")
count = ngettext("%(n)s order", "%(n)s orders", n)
verb = pgettext_lazy("action", "order")
seen = npgettext("shelf", "place", "places", n)
hidden = _(f"no {label}")
other = translate("not ours")
"""

    # when
    found = {message for message, _line in in_python(source)}

    # then
    assert found == {
        Message(None, "in two parts", None),
        Message(None, "%(n)s order", "%(n)s orders"),
        Message("action", "order", None),
        Message("shelf", "place", "places"),
    }


def test_messages_of_templates_are_found_in_tags_blocks_and_attributes() -> None:
    # given
    source = """
{% translate "It's here" %} {% translate 'May' context "month" %}
<c-panel title="{% translate 'Panel' %}" note="{{ _('Note') }}">
{% blocktranslate count n=rows|length trimmed %}
    {{ n }} row
{% plural %}
    {{ n }} rows
{% endblocktranslate %}
{# {% translate "a comment" %} #}
"""

    # when
    found = {message for message, _line in in_template(source)}

    # then
    assert found == {
        Message(None, "It's here", None),
        Message("month", "May", None),
        Message(None, "Panel", None),
        Message(None, "Note", None),
        Message(None, "%(n)s row", "%(n)s rows"),
    }


def test_what_is_translated_at_import_is_told() -> None:
    # given
    source = """
from django.utils.translation import gettext as _, gettext_lazy
class Table:
    one = Column(_("Too soon"), label=gettext_lazy("In time"))
    def two(self):
        return _("In time")
three = lambda: _("In time")
"""
    # when, then
    assert list(too_soon(source)) == ["_('Too soon')"]
