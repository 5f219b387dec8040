"""How figures are written in templates. Built in: no template needs to load it."""

from django import template
from django.utils.safestring import SafeString
from django_tables2.utils import OrderBy

from dashboard import money
from dashboard.addresses import words_asked
from dashboard.change_words import history_of
from dashboard.markup import filled, joined
from dashboard.once import token_of
from dashboard.people import name_of

register = template.Library()


@register.filter(name="money")
def money_filter(value) -> str:
    """1234.5 as 1,234.50; a dash for nothing."""
    return money.money_text(None if value == "" else value)


@register.filter
def count(value) -> str:
    """1234 as 1,234; a dash for nothing."""
    return money.count_text(None if value == "" else value)


@register.filter
def percent(value) -> str:
    """0.342 as 34.2 %; a dash for nothing."""
    return money.percent_text(None if value == "" else value)


@register.filter
def number(value) -> str:
    """A quotient with two decimals; a dash for nothing."""
    return money.number_text(None if value == "" else value)


@register.inclusion_tag("partials/_change.html")
def change(value):
    """A change with arrow, sign and word: never colour alone."""
    return {"change": value}


@register.simple_tag(takes_context=True)
def address(context, **words) -> str:
    """The address of this view with some words changed; None or an empty value removes a word. Always back to the first page."""
    request = context["request"]
    changes = {word: None if value is None else str(value) for word, value in words.items()}
    return words_asked(request).at(context.get("list_url") or request.path, changes)


@register.simple_tag(takes_context=True)
def page_address(context, number: int) -> str:
    """The address of this view at another page."""
    base = address(context)
    return base if number == 1 else f"{base}{'&' if '?' in base else '?'}page={number}"


@register.simple_tag
def table_row(table, row):
    """One row of a table, drawn by its columns."""
    return table.cells.row(row.record)


@register.simple_tag
def sort_state(column) -> str:
    """What `aria-sort` says of a column: ascending, descending or nothing."""
    if not column.is_ordered:
        return ""
    return "descending" if OrderBy(column.order_by_alias).is_descending else "ascending"


@register.simple_tag
def chart_ticks(chart) -> str:
    """The labels of both axes, with a line across the plot at each figure."""
    across = joined(ACROSS, ((chart.left, chart.right, chart.axis, tick.at, tick.label) for tick in chart.y_ticks))
    return across + joined(BELOW, ((tick.at, chart.bottom, tick.label) for tick in chart.x_ticks))


@register.simple_tag
def chart_points(chart) -> str:
    """The figures of a chart: each a link over what is drawn for it. In Python, because a chart has up to 190 of them."""
    if chart.kind == "line":
        return joined(DOT, ((point.url, _spoken(point), point.hit, point.x, point.y) for point in chart.points), "\n")
    return joined(COLUMNS, ((point.url, _spoken(point), point.hit, _bars(point)) for point in chart.points), "\n")


@register.simple_tag
def chart_rows(chart, *, compared: bool) -> str:
    """The same figures as rows of a table."""
    if not compared:
        return joined(FIGURE_ROW, ((point.label, point.url, point.text, "") for point in chart.points))
    return joined(FIGURE_ROW, ((point.label, point.url, point.text, filled(BEFORE, point.previous_text)) for point in chart.points))


@register.simple_tag
def choices(choices) -> str:
    """Ways to change a view, each an address with its words; a report has about sixty."""
    return joined(CHOICE, ((choice.url, CURRENT if choice.current else "", choice.label) for choice in choices))


CURRENT = SafeString(' aria-current="true"')
CHOICE = '<a href="{0}" data-hx-get="{0}"{1}>{2}</a>'
BEFORE = '<td class="r">{}</td>'
FIGURE_ROW = '<tr><th scope="row">{}</th><td class="r"><a class="fig" href="{}">{}</a></td>{}</tr>'
ACROSS = '<line class="grid" x1="{0}" x2="{1}" y1="{3}" y2="{3}"/><text x="{2}" y="{3}" dy="4" text-anchor="end">{4}</text>'
BELOW = '<text x="{}" y="{}" dy="20" text-anchor="middle">{}</text>'
LINK = '<a href="{0}" aria-label="{1}"><title>{1}</title><path fill="none" pointer-events="all" d="{2}"/>'
DOT = LINK + '<circle class="dot" cx="{3}" cy="{4}" r="3.5"/></a>'
COLUMNS = LINK + "{3}</a>"
BAR = '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'


def _spoken(point) -> str:
    return f"{point.label}: {point.text}, before: {point.previous_text}" if point.previous_text else f"{point.label}: {point.text}"


def _bars(point) -> str:
    bars = (("column-base", point.base_bar), ("column-now", point.bar))
    return joined(BAR, ((name, bar.x, bar.y, bar.width, bar.height) for name, bar in bars if bar))


@register.filter
def person(user, nobody: str = "Somebody") -> str:
    """Who did something, or what to say where nobody is known."""
    return name_of(user) if user else nobody


@register.filter
def initials(user) -> str:
    """Two letters for a person: of the full name, else of the sign-in name."""
    parts = user.get_full_name().split() or user.get_username().replace(".", " ").replace("@", " ").split()
    return "".join(part[0] for part in parts[:2]).upper()


@register.simple_tag(takes_context=True)
def form_token(context):
    """The hidden token of a form that must not act twice; see once.py."""
    return filled('<input type="hidden" name="token" value="{}">', token_of(context["request"]))


@register.inclusion_tag("changes/_history.html")
def history(record):
    """The newest changes of one object, in words."""
    return {"stories": history_of(record), "row": f"{record._meta.db_table}:{record.pk}"}


@register.filter
def undo_of_message(message) -> str:
    """The id of the change set that a message can take back, or nothing."""
    return next((tag.removeprefix("undo-") for tag in (message.extra_tags or "").split() if tag.startswith("undo-")), "")
