"""Bulk actions: a plan that can be shown before it is done, and then hits exactly what was shown. The actions live in each app's bulk.py."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import batched
from typing import Any

from django import forms
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, IntegerField, Model, QuerySet, StringAgg, TextField, Value, When
from django.db.models.functions import MD5, Cast
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from .changes import change_set
from .filters import BaseFilterSet
from .models import ChangeSet
from .money import count_text

AT_ONCE = 10_000  # rows of one statement; more of them run in the background, in as many statements as it takes
SAMPLE = 8
NAMES = 3
MOST_SELECTED = 500
LONGEST_ID = 18  # digits
SELECTED = "Selected"
MISSING = "missing"


class ChangedError(Exception):
    """The rows a person confirmed are no longer these; nothing was done. `count` is how many there are now."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} rows now")
        self.count = count


def first_that_fits(refusals: Sequence[tuple[Any, str]]) -> Case:
    """The number of the first refusal, from 1, whose condition a row fulfils; 0 where none does."""
    cases = [When(condition, then=Value(number)) for number, (condition, _) in enumerate(refusals, 1)]
    return Case(*cases, default=Value(0), output_field=IntegerField())


@dataclass(frozen=True)
class Action:
    """One bulk action. Its words make sentences: `doing` «Archive» 3 products, `done` «archived» 3 products, with `told(data)` behind.

    `refusals(data)` are (condition, reason) of the rows it leaves alone, the first that fits. `write(rows, data, user)` is one UPDATE or
    DELETE of up to AT_ONCE rows, inside the change set. `prepare` annotates what the conditions need; `shows` is an expression of what
    the person was shown of each row: once that differs, the confirmation is void. `before` and `after` say a row's effect in the sample.
    `asks` names the field of the form that it cannot do without; who leaves it out is asked for it.
    """

    key: str
    verb: str
    doing: str
    done: str
    effect: str
    write: Callable[[QuerySet, dict, Any], int]
    told: Callable[[dict], str] = lambda data: ""
    refusals: Callable[[dict], Sequence[tuple[Any, str]]] = lambda data: ()
    prepare: Callable[[QuerySet, dict], QuerySet] = lambda rows, data: rows
    shows: Any = None
    before: Callable[[Model], str] = lambda row: ""
    after: Callable[[Model, dict], str] = lambda row, data: ""
    deletes: bool = False
    asks: str = ""


class BulkForm(forms.Form):
    """Which rows, and what to do with them: boxes, or all rows of a filter. `seen` is what the first step showed; see Plan.fingerprint."""

    action = forms.ChoiceField(error_messages={"required": "Choose what to do.", "invalid_choice": "There is no such action."})
    all = forms.BooleanField(required=False)
    ids = forms.TypedMultipleChoiceField(required=False, coerce=int)
    query = forms.CharField(required=False, max_length=8000)
    seen = forms.RegexField(r"^[1-9][0-9]{0,9}\.[0-9a-f]{32}$", required=False)

    def __init__(self, data, bulk_list: "BulkList"):
        super().__init__(data, auto_id="bulk_%s")  # the filter of the list stands beside it, with fields of the same names
        self.plural, self.actions = bulk_list.plural, bulk_list.actions
        self.fields["action"].choices = [(key, key) for key in bulk_list.actions]
        numbers = [value for value in data.getlist("ids") if value.isascii() and value.isdigit() and len(value) <= LONGEST_ID]
        # Any number may be asked for; each is looked up among the rows that the user may work on.
        self.fields["ids"].choices = [(value, value) for value in numbers[:MOST_SELECTED]]
        self.fields["ids"].error_messages["invalid_choice"] = f"This is no selection of {self.plural}: at most {MOST_SELECTED} of the list."

    def clean(self):
        """Something is selected; and «all» always comes with the filter it means, be it an empty one."""
        cleaned = super().clean()
        if cleaned.get("all"):
            if "query" not in self.data:
                self.add_error(None, "The filter of the list is missing. Go back to the list and try again.")
        elif not cleaned.get("ids") and "ids" not in self.errors:
            self.add_error(None, f"Select some {self.plural} first.")
        if self.asks and not cleaned.get(self.asks) and self.asks not in self.errors:
            self.add_error(self.asks, forms.ValidationError("Choose one.", code=MISSING))
        return cleaned

    @property
    def asks(self) -> str:
        """The field that the action needs, if any."""
        action = self.actions.get(self.cleaned_data.get("action"))
        return action.asks if action else ""

    @property
    def only_asks(self) -> bool:
        """Whether all is well but for the one field that nobody was asked for yet."""
        return bool(self.asks) and set(self.errors) == {self.asks} and self.has_error(self.asks, MISSING)

    def words(self) -> Iterator[tuple[str, str]]:
        """What was sent, to be sent again with the confirmation. Ticked boxes mean nothing beside «all»."""
        for name in self.fields:
            if name not in {"seen", "ids" if self.cleaned_data.get("all") else "", self.asks if self.only_asks else ""}:
                yield from ((name, value) for value in self.data.getlist(name))


@dataclass(frozen=True)
class BulkList:
    """A list whose rows can be acted on together: `name` on its `side` of the company, sales or jobs.

    `rows(user)` are those the user may work on, annotated as the filter needs them; `allowed(user)` says who may act. `title` is the field
    that rows are called by. `bare` are the labels of filter words whose value speaks for itself, «214 products of Bikes», and `unsaid`
    of those that say nothing of the rows. `landing(change)` is the page to see afterwards; the list unless given.
    """

    side: str
    name: str
    noun: str
    plural: str
    page: str
    url: str
    model: type[Model]
    filterset: type[BaseFilterSet]
    rows: Callable[[Any], QuerySet]
    allowed: Callable[[Any], bool]
    actions: dict[str, Action]
    form: type[BulkForm] = BulkForm
    title: str = "name"
    related: tuple[str, ...] = ()
    bare: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    landing: Callable[[ChangeSet], str] | None = None

    def filtered(self, query: str, user) -> BaseFilterSet:
        """The filter of the list as its address had it."""
        return self.filterset(QueryDict(query), self.rows(user))

    def told(self, rows: QuerySet) -> QuerySet:
        """Rows in the order of their names, with what it takes to name them."""
        rows = rows.order_by(self.title, "pk")
        return rows.select_related(*self.related) if self.related else rows

    def named(self, count: int) -> str:
        """«1 product», «1,214 products»."""
        return f"{count_text(count)} {self.noun if count == 1 else self.plural}"


def list_named(side: str, name: str) -> BulkList:
    """A list with bulk actions, as its app's bulk.py names it in LISTS."""
    return next(found for found in import_string(f"{side}.bulk.LISTS") if found.name == name)


class Plan:
    """What a valid form asks for, over the rows of a valid filter or the boxes that were ticked."""

    def __init__(self, bulk_list: BulkList, form: BulkForm, filterset: BaseFilterSet, user) -> None:
        self.list, self.form, self.filterset, self.user = bulk_list, form, filterset, user
        self.data = form.cleaned_data
        self.action = bulk_list.actions[self.data["action"]]

    @property
    def asked(self) -> QuerySet:
        """The rows it is about: of the filter, or those ticked among the user's own."""
        found = self.filterset.rows if self.data["all"] else self.list.rows(self.user).filter(pk__in=self.data["ids"])
        return self.list.model.objects.filter(pk__in=found.order_by().values("pk"))

    @cached_property
    def refusals(self) -> Sequence[tuple[Any, str]]:
        """Conditions of the rows left alone, with the reason."""
        return self.action.refusals(self.data)

    @property
    def judged(self) -> QuerySet:
        """The rows with `left_because`: 0 for those that will change, else which refusal fits first, from 1."""
        return self.action.prepare(self.asked, self.data).annotate(left_because=first_that_fits(self.refusals))

    @property
    def rows(self) -> QuerySet:
        """The rows that will change."""
        return self.judged.filter(left_because=0)

    @property
    def _shown(self):
        return MD5(StringAgg(Cast(self.action.shows or "pk", TextField()), Value(","), order_by="pk"))

    def fingerprint(self) -> tuple[int, str]:
        """How many rows will change, and with it a digest of which they are and of what was shown of each."""
        found = self.rows.order_by().aggregate(count=Count("pk"), digest=self._shown)
        return found["count"], f"{found['count']}.{found['digest'] or md5(b'', usedforsecurity=False).hexdigest()}"

    @property
    def expected(self) -> int:
        """How many rows the person confirmed; 0 in the first step."""
        return int(self.data["seen"].partition(".")[0]) if self.data["seen"] else 0

    def scope(self, count: int) -> str:
        """The rows in words: «Bell», «3 products», «all 40 products», «214 products of Bikes, Availability: Sold out»."""
        if not self.data["all"]:
            only = self.list.told(self.asked).first() if len(self.data["ids"]) == 1 else None
            return str(only or self.list.named(count))
        chips = sorted(self.filterset.chips(), key=lambda chip: chip.label not in self.list.bare)
        said = [chip.value if chip.label in self.list.bare else f"{chip.label}: {chip.value}" for chip in chips if chip.label not in self.list.unsaid]
        if said:
            return f"{self.list.named(count)} of {', '.join(said)}"
        return self.list.named(count) if chips or count == 1 else f"all {self.list.named(count)}"

    def sentence(self, count: int) -> str:
        """What will have been done, for the log of changes and the message."""
        return f"{self.action.done} {self.scope(count)}{self.action.told(self.data)}"

    def preview(self) -> dict:
        """What the confirm step says: counts, a sample by name with its effect, and the rows left alone by reason."""
        count, seen = self.fingerprint()
        sample = self.list.told(self.rows)[:SAMPLE]
        left = list(self.left_alone())
        return {
            "plan": self,
            "count": count,
            "seen": seen,
            "asked": count + sum(group["count"] for group in left),
            "button": f"{self.action.doing} {self.list.named(count)}{self.action.told(self.data)}",
            "scope": self.scope(count + sum(group["count"] for group in left)),
            "sample": [{"row": row, "before": self.action.before(row), "after": self.action.after(row, self.data)} for row in sample],
            "more": max(count - SAMPLE, 0),
            "left": left,
            "background": count > AT_ONCE,
        }

    def left_alone(self) -> Iterator[dict]:
        """Each reason why rows stay as they are, with how many and the first few by name."""
        if not self.refusals:
            return
        judged = self.judged
        counts = dict(judged.order_by().filter(left_because__gt=0).values_list("left_because").annotate(Count("pk")))
        for number, (_, reason) in enumerate(self.refusals, 1):
            if counts.get(number):
                names = [str(row) for row in self.list.told(judged.filter(left_because=number))[:NAMES]]
                yield {"count": counts[number], "reason": reason, "names": names, "more": counts[number] - len(names)}

    def run(self, tell: Callable[[int], None] = lambda done: None) -> ChangeSet:
        """Do it, in one transaction, to exactly the rows that were confirmed. Raises ChangedError when these are others by now.

        `tell` hears how many rows are done after each statement of up to AT_ONCE rows.
        """
        with change_set(self.user, self.action.verb, "") as change:
            ids = self.hold()
            change.sentence = self.sentence(len(ids))
            for some in batched(ids, AT_ONCE):
                change.count += self.action.write(self.list.model.objects.filter(pk__in=some), self.data, self.user)
                tell(change.count)
        return change

    def hold(self) -> list[int]:
        """Lock the rows, in one order so that two bulk actions never wait for each other in a circle, and compare them with what was seen.

        Locked first and compared afterwards: a row that was waited for is judged as the other transaction left it.
        """
        locking = self.list.model.objects.filter(pk__in=self.rows.order_by().values("pk")).order_by("pk")
        locked = locking.select_for_update(no_key=not self.action.deletes).values_list("pk", flat=True)
        held = set(locked)
        found = self.rows.order_by().aggregate(ids=ArrayAgg("pk", order_by="pk", default=Value([])), digest=self._shown)
        if f"{len(found['ids'])}.{found['digest']}" != self.data["seen"] or not held.issuperset(found["ids"]):
            raise ChangedError(len(found["ids"]))
        return found["ids"]
