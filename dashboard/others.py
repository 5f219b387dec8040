"""What somebody else changed while a person was looking: told from the change log, at the rows of a list and where two people wrote one value."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from .change_words import FieldChange, field_changes, references_in
from .changes import BRIEF
from .models import ChangeSet, Operation, RowChange
from .people import name_of

LONGEST = timedelta(hours=12)
MOST_ENTRIES = 500


class SeenForm(forms.Form):
    """When the viewer opened the list: milliseconds of the epoch."""

    seen = forms.IntegerField(min_value=0, max_value=2**43, required=False)


@dataclass(frozen=True)
class Told:
    """What others did to one row since a moment: who, when last, and each field before and now."""

    who: str
    when: str
    fields: list[FieldChange]
    change_set: int

    @property
    def text(self) -> str:
        """All of it in one line: «Ada at 14:05: price 10.00 → 12.00»."""
        return f"{self.who} {self.when}: {', '.join(f'{field.label} {field.before} → {field.after}' for field in self.fields)}"

    def __html__(self) -> str:
        """A link to the change, short enough to stand under the name of its row."""
        return format_html('<a class="told" href="{}" title="{}">{}</a>', reverse("change", args=[self.change_set]), self.text, self.text)


def now_seen() -> int:
    """The moment as a list carries it along."""
    return int(timezone.now().timestamp() * 1000)


def told(request, model, pks: list[int], names: tuple[str, ...]) -> dict[int, Told]:
    """What others did to these rows since the viewer opened the list, by id; only to fields of these names. Nothing on a first visit.

    One query, and one for each kind of thing that a changed field refers to.
    """
    form = SeenForm(request.GET)
    seen = form.cleaned_data["seen"] if form.is_valid() else None
    if not seen or not pks:
        return {}
    # A short set is dated by its beginning, so that what began just before the list was read may have been committed after it.
    since = max(datetime.fromtimestamp(seen / 1000, UTC) - BRIEF, timezone.now() - LONGEST)
    columns = {model._meta.get_field(name).column for name in names}
    logged = RowChange.objects.filter(table=model._meta.db_table, row_id__in=pks, operation=Operation.UPDATE, change_set__at__gt=since)
    newest = logged.exclude(change_set__user=request.user).select_related("change_set__user").order_by("-pk")[:MOST_ENTRIES]
    merged = {row_id: merge(entries, columns) for row_id, entries in by_row(newest).items()}
    merged = {row_id: (entries, entry) for row_id, (entries, entry) in merged.items() if entry.before}
    found = referred([entry for _, entry in merged.values()])
    return {
        row_id: Told(
            who=", ".join(dict.fromkeys(person(entry.change_set) for entry in entries)),
            when=moment(entries[0].change_set.at),
            fields=list(field_changes(model, entry, found)),
            change_set=entries[0].change_set_id,
        )
        for row_id, (entries, entry) in merged.items()
    }


def by_row(entries) -> dict[int, list[RowChange]]:
    """Entries by the row that they changed, in the order given."""
    rows = defaultdict(list)
    for entry in entries:
        rows[entry.row_id].append(entry)
    return rows


def merge(newest_first: list[RowChange], columns: set[str]) -> tuple[list[RowChange], RowChange]:
    """The entries that touched these columns, and one entry that says what they made of the row together."""
    entries = [entry for entry in newest_first if columns & entry.after.keys()]
    before, after = {}, {}
    for entry in entries:
        before |= {column: value for column, value in entry.before.items() if column in columns}
        after = {column: value for column, value in entry.after.items() if column in columns} | after
    changed = [column for column in before if before[column] != after[column]]
    pick = {"before": {column: before[column] for column in changed}, "after": {column: after[column] for column in changed}}
    return entries, RowChange(table=newest_first[0].table, operation=Operation.UPDATE, **pick)


def referred(entries: list[RowChange]) -> dict[str, dict]:
    """The things that changed fields refer to, by table and id: one query a table."""
    wanted = defaultdict(set)
    for entry in entries:
        for field, value in references_in(entry):
            wanted[field.related_model].add(value)
    return {model._meta.db_table: model._base_manager.in_bulk(ids) for model, ids in wanted.items()}


def moment(at: datetime) -> str:
    """A recent moment: «at 14:05», «on 3 Nov at 14:05»."""
    at = timezone.localtime(at)
    day = "" if at.date() == timezone.localdate() else f"on {date_format(at, 'j M')} "
    return f"{day}at {date_format(at, 'H:i')}"


def person(change: ChangeSet) -> str:
    """Who made a change; «Somebody» for what came from outside the pages."""
    return name_of(change.user) if change.user else "Somebody"


@dataclass(frozen=True)
class Latest:
    """Who wrote a value last, and when."""

    who: str
    when: str


def latest_change(record, column: str) -> Latest | None:
    """The newest change of one field of one row; None where the log has none."""
    logged = RowChange.objects.filter(table=record._meta.db_table, row_id=record.pk, operation=Operation.UPDATE, after__has_key=column)
    entry = logged.select_related("change_set__user").order_by("-pk").first()
    return Latest(person(entry.change_set), moment(entry.change_set.at)) if entry else None
