"""How figures are written in templates. Built in: no template needs to load it."""

from django import template
from django.utils.safestring import SafeString

from dashboard import money
from dashboard.addresses import spell, words_asked
from dashboard.change_words import history_of
from dashboard.markup import escaped, filled, joined
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


@register.simple_tag(takes_context=True)
def rows_shown(context):
    """Which rows of how many a page shows; where not all are counted, the count is a link to do so."""
    page, paginator = context["page_obj"], context["paginator"]
    if not paginator.count:
        return ""
    count = filled(COUNT_ALL, address(context, count="exact"), paginator.shown_count) if paginator.capped else paginator.shown_count
    return filled("<span>{}–{} of {}</span>", money.count_text(page.start_index()), money.count_text(page.end_index()), count)


@register.simple_tag(takes_context=True)
def pages(context):
    """The ways to other sizes of page and to the pages before and after."""
    page, paginator = context["page_obj"], context["paginator"]
    sizes = [_size(context, size, paginator.per_page) for size in context.get("page_sizes", ())]
    drawn = filled('<nav aria-label="Rows a page" class="sizes">{}</nav>', joined("{}", sizes, " "))
    if paginator.num_pages == 1:
        return drawn
    before = _step(context, "previous", page.has_previous() and page.previous_page_number())
    after = _step(context, "next", page.has_next() and page.next_page_number())
    of = "" if paginator.uncounted else f" of {money.count_text(paginator.num_pages)}"
    return drawn + filled(PAGES, before, page.number, of, after)


def _size(context, size: int, current: int) -> tuple[str]:
    return (filled(SIZE_NOW, size) if size == current else filled(SIZE, address(context, per_page=size), size),)


def _step(context, way: str, number: int) -> str:
    """The way to the page before or after, dead where there is none."""
    name = way.capitalize()
    return filled(STEP, way, way[:4], page_address(context, number), name) if number else filled(NO_STEP, name)


@register.simple_tag
def table_row(table, row):
    """One row of a table, drawn by its columns."""
    return table.cells.row(row.record)


@register.simple_tag
def table_rows(table):
    """All rows of the page."""
    return table.cells.rows()


@register.simple_tag(takes_context=True)
def table_head(context, table):
    """The names of the columns; to sort by one leads back to the first page."""
    base = address(context, sort=None)
    base += "&" if "?" in base else "?"
    return table.cells.head(lambda alias: base + spell("sort", alias))


@register.simple_tag
def table_foot(table, *, oob: bool = False):
    """The totals row, where there is one; `oob` to put it in the place of that on the page."""
    return filled(FOOT, SafeString(' data-hx-swap-oob="true"' if oob else ""), table.cells.foot()) if table.totals else ""


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
def tiles(tiles) -> str:
    """Totals with their changes and courses, each a link to its rows."""
    drawn = ((tile.url, tile.measure.help, tile.measure.label, tile.text, _moved(tile), _spark(tile.spark)) for tile in tiles)
    return filled('<section class="tiles" aria-label="Totals">{}</section>', joined(TILE, drawn, "\n"))


def _moved(tile) -> str:
    """A change with arrow, sign and word; colour says whether it is good."""
    if not tile.change:
        return SafeString("<span></span>")
    return filled(MOVED, tile.tone, ARROWS[tile.change.direction], tile.change.text)


def _spark(spark) -> str:
    return filled(SPARK, spark.width, spark.height, spark.area, spark.line) if spark else ""


@register.simple_tag(takes_context=True)
def sentence(context, parts) -> str:
    """The title of a view in parts: plain words, links, and menus of ways to change it."""
    return SafeString("".join([_part(part, context["request"].path) for part in parts]))


def _part(part, path: str) -> str:
    if part.choices:
        return filled(MENU, part.name, part.text, choices(part.choices), _dates(part.dates, path) if part.dates else "")
    return filled(PART, part.url, part.name, part.text) if part.url else escaped(part.text)


def _dates(dates, path: str) -> str:
    """The form for dates of one's own."""
    return filled(DATES, path, joined(HIDDEN, dates.words), dates.period.start.isoformat(), dates.period.last.isoformat())


@register.simple_tag
def choices(choices) -> str:
    """Ways to change a view, each an address with its words; a report has about sixty."""
    return joined(CHOICE, ((choice.url, CURRENT if choice.current else "", choice.label) for choice in choices))


@register.simple_tag
def left_out(items) -> str:
    """What a report does not count, each with a link to its rows; nothing where it counts everything."""
    links = joined('<a href="{}">{} {}</a>', ((item.url, money.count_text(item.count), item.reason) for item in items), ", ")
    return filled('<span class="leftout">Left out: {}</span>', links) if items else ""


FOOT = '<tfoot id="totals"{}><tr>{}</tr></tfoot>'
COUNT_ALL = '<a href="{0}" data-hx-get="{0}" data-hx-target="#results" data-hx-swap="outerHTML" title="Count exactly">{1}</a>'
SIZE_NOW = '<b aria-current="true">{}</b>'
SIZE = '<a href="{0}" data-hx-get="{0}" data-hx-target="#results" data-hx-swap="outerHTML" aria-label="{1} rows a page">{1}</a>'
PAGES = '<nav aria-label="Pages" class="pages">{} <span class="where">Page {}{}</span> {}</nav>'
STEP = (
    '<a class="button" id="page-{0}" rel="{1}" href="{2}" data-hx-get="{2}" data-hx-target="#results"'
    ' data-hx-swap="outerHTML show:#results:top">{3}</a>'
)
NO_STEP = '<span class="button" aria-disabled="true">{}</span>'
ARROWS = {0: "", 1: SafeString('<span aria-hidden="true">▲</span> '), -1: SafeString('<span aria-hidden="true">▼</span> ')}
MOVED = '<span class="delta {}">{}{}</span>'
SPARK = '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true"><path class="area" d="{}"/><path d="{}"/></svg>'
TILE = '<a class="tile" href="{}" title="{}"> <span class="label">{}</span> <span class="figure">{}</span> <span class="row"> {} {} </span> </a>'
MENU = '<details class="menu" data-menu><summary aria-label="{0}: {1}">{1}</summary><div class="menu-panel">{2}{3}</div></details>'
PART = '<a class="part" href="{0}" data-hx-get="{0}" aria-label="{1}: {2}">{2}</a>'
HIDDEN = '<input type="hidden" name="{}" value="{}">'
DATES = (
    '<form class="dates" method="get" action="{0}" data-hx-get="{0}">{1}<label>From <input type="date" name="from" value="{2}"></label> '
    '<label>To <input type="date" name="to" value="{3}"></label> <button class="button primary">Show these days</button></form>'
)
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
