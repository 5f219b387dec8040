"""What both audiences share: sessions, sign-in links, API tokens, spent forms, change sets, undo, imports and background actions."""

import hashlib
import json
import secrets
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.functions import Lower, Upper
from django.urls import reverse
from django.utils import timezone

from .access import may_edit_sales, may_hire, may_see_sales


def hash_token(token: str) -> str:
    """SHA-256 of a secret, in hex: what the database keeps instead of the secret."""
    return hashlib.sha256(token.encode()).hexdigest()


class SessionManager(BaseSessionManager):
    """Sessions with who they belong to."""

    def visit(self, key: str):
        """The live session with this key, or None; with its user, `roles` (the names of the user's groups) and the `version` of the data.

        One statement with a fixed text: every request asks it, and making it from parts each time would cost more than the answer.
        """
        users = get_user_model()._meta.concrete_fields
        with connection.cursor() as cursor:
            cursor.execute(VISIT.format(columns=", ".join(f'u."{field.column}"' for field in users)), [key])
            row = cursor.fetchone()
        if row is None:
            return None
        *own, roles, version = row[: len(row) - len(users)]
        session = self.model.from_db(self.db, ["session_key", "session_data", "expire_date", "user_id"], own)
        session.roles, session.version = roles, version
        if session.user_id:
            session.user = get_user_model().from_db(self.db, [field.attname for field in users], row[-len(users) :])
        return session


VISIT = """\
SELECT s.session_key, s.session_data, s.expire_date, s.user_id,
    ARRAY(SELECT g.name FROM auth_group g JOIN auth_user_groups m ON m.group_id = g.id WHERE m.user_id = s.user_id), tallyboard_data_version(),
    {columns}
FROM dashboard_session s LEFT JOIN auth_user u ON u.id = s.user_id
WHERE s.session_key = %s AND s.expire_date > now()
"""


class Session(AbstractBaseSession):
    """A signed-in browser. The user stands beside the signed data, so that one statement reads both."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")

    objects = SessionManager()

    @classmethod
    def get_session_store_class(cls):
        """The engine in sessions.py."""
        from .sessions import SessionStore  # noqa: PLC0415 - the engine imports this model

        return SessionStore


class SignInLink(models.Model):
    """A one-time link that signs somebody in; without a user it makes the first administrator."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"link {self.pk}"


class ApiToken(models.Model):
    """A read-only key to the exports, with the rights of its owner. Only the hash of the secret is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @classmethod
    def issue(cls, user, name: str) -> tuple["ApiToken", str]:
        """Make a token for `user`; the secret is returned once and cannot be shown again."""
        secret = "tb_" + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, token_hash=hash_token(secret)), secret


class FormToken(models.Model):
    """A rendered form that did what it was sent for; sent again, it does nothing. Kept for a day. Written by once.py alone."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return f"form sent at {self.at}"


# The verb and the sentence of sets that triggers write for changes made outside the pages (migration 0013).
DIRECT = "direct"
OUTSIDE = "changed rows outside the pages"


def kind_of_verb() -> models.Func:
    """The first word of a verb. Its index holds it; a stored column would be worked out anew for every order that a shop writes."""
    return models.Func(models.F("verb"), models.Value("."), models.Value(1), function="split_part", output_field=models.CharField(max_length=60))


class ChangeSetQuerySet(models.QuerySet):
    """Change sets as the change log asks for them."""

    def for_user(self, user):
        """What this user may see: nothing that touched a side of the company which is not theirs."""
        sales, jobs = may_see_sales(user), may_hire(user)
        if sales and jobs:
            return self
        return self.filter(touches_sales=sales, touches_jobs=jobs) if sales or jobs else self.none()

    def of_row(self, table: str, row_id: int):
        """Sets that added, changed or deleted one row."""
        logged = RowChange.objects.filter(table=table)
        of_it = logged.filter(row_id=row_id)  # asked in parts, because added rows have an index of their own
        parts = (of_it.exclude(operation=Operation.INSERT), of_it.filter(operation=Operation.INSERT), logged.added_with(row_id))
        first, *others = (part.values("change_set") for part in parts)
        return self.filter(pk__in=first.union(*others))

    def saying(self, words: str):
        """Sets whose sentence holds these words. Sets from outside the pages all say the same, so no index holds that a million times."""
        found = ~models.Q(verb=DIRECT) & models.Q(sentence__icontains=words)
        return self.filter(found | models.Q(kind=DIRECT, verb=DIRECT)) if words.lower() in OUTSIDE else self.filter(found)


class ChangeSetManager(models.Manager.from_queryset(ChangeSetQuerySet)):
    """Change sets that can be filtered by `kind`."""

    def get_queryset(self):
        """All of them, with the first word of the verb to filter by."""
        return super().get_queryset().alias(kind=kind_of_verb())


class ChangeSet(models.Model):
    """One action of one person, in words: what was done to which rows, and to how many.

    `undo_of` is the set that this one takes back; undoing an undo is redoing. `undone` says that every row of the set was taken back and
    that this still stands; an undo that had to leave rows alone can be asked for again once nothing is in its way. Triggers keep which
    sides of the company a set touched, so that nobody has to read a million rows to know who may see it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="change_sets", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    verb = models.CharField(max_length=60, help_text="Past tense and stable: product.repriced.")
    sentence = models.TextField(help_text="What was done, as a person would say it.")
    count = models.IntegerField(default=0)
    undo_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="undos", db_index=False)
    undone = models.BooleanField(default=False, db_default=False)
    touches_sales = models.BooleanField(default=False, db_default=False, editable=False)
    touches_jobs = models.BooleanField(default=False, db_default=False, editable=False)

    objects = ChangeSetManager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # New sets come at the end of each, and lists read them from there. What most sets of a busy company lack is not kept: nobody,
            # when its orders come from a shop, and the one sentence of all sets from outside the pages.
            models.Index(fields=["at", "id"], name="change_newest"),
            models.Index(fields=["at", "id"], condition=models.Q(touches_sales=True), name="change_newest_sales"),
            models.Index(fields=["at", "id"], condition=models.Q(touches_jobs=True), name="change_newest_jobs"),
            models.Index(fields=["user", "at", "id"], condition=models.Q(user__isnull=False), name="change_user_newest"),
            models.Index(kind_of_verb(), "at", "id", name="change_kind_newest"),
            models.Index(fields=["undo_of"], condition=models.Q(undo_of__isnull=False), name="change_undo_of"),
            GinIndex(OpClass(Upper("sentence"), name="gin_trgm_ops"), condition=~models.Q(verb=DIRECT), name="change_sentence_trigram"),
        ]

    def __str__(self):
        return self.sentence


class Operation(models.TextChoices):
    """What happened to a row."""

    INSERT = "I", "added"
    UPDATE = "U", "changed"
    DELETE = "D", "deleted"


class ExactDecoder(json.JSONDecoder):
    """Reads JSON numbers with decimals as Decimal: money in the log stays exact."""

    def __init__(self, **kwargs):
        super().__init__(parse_float=Decimal, **kwargs)


class RowChangeQuerySet(models.QuerySet):
    """Entries of the log."""

    def added_with(self, row_id: int):
        """The run of added rows that holds `row_id`, the latest where it was added again; for entries of one table."""
        return self.filter(operation=Operation.INSERT, row_id__lte=row_id, last_id__gte=row_id).order_by("-row_id", "-pk")[:1]


class RowChange(models.Model):
    """What one statement did to one row, written by triggers alone and never changed.

    An added row needs no content here: the row itself has it until a later entry says otherwise, so a run of added rows is one entry from
    `row_id` to `last_id`. A changed row keeps its changed fields before and after; a deleted row keeps all of itself in `before`.
    """

    # Triggers keep the constraint (migration 0012): once a transaction, not once an entry.
    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="rows", db_constraint=False)
    table = models.CharField(max_length=63)
    operation = models.CharField(max_length=1, choices=Operation)
    row_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    before = models.JSONField(null=True, decoder=ExactDecoder)
    after = models.JSONField(null=True, decoder=ExactDecoder)

    objects = RowChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["table", "row_id", "id"], condition=~models.Q(operation="I"), name="rowchange_row"),
            models.Index(fields=["table", "row_id", "last_id"], condition=models.Q(operation="I"), name="rowchange_added"),
        ]

    def __str__(self):
        return f"{self.table} {self.row_id} {self.get_operation_display()}"


class UndoRun(models.Model):
    """One undo that was asked for: done at once, or by the worker when the set has many rows; and the rows it had to leave alone.

    `left_alone` are the first of them, as the page tells them: table, row, reason and fields with before, mine and theirs.
    """

    target = models.ForeignKey(ChangeSet, models.CASCADE, related_name="undo_runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rows = models.BigIntegerField(help_text="Rows that the set changed.")
    rows_done = models.BigIntegerField(default=0)
    restored = models.BigIntegerField(default=0)
    conflicts = models.BigIntegerField(default=0)
    left_alone = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["target"], condition=models.Q(finished_at__isnull=True), name="undo_one_at_a_time"),
        ]

    def __str__(self):
        return f"undo of “{self.target}”"


class ImportState(models.TextChoices):
    """How far an import has come."""

    DRAFT = "draft", "Not checked yet"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    IMPORTING = "importing", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Could not be read"


class ImportStep(models.TextChoices):
    """What is being done to a file that is worked on; reading is the only one that counts rows."""

    READING = "reading", "reading rows"
    COMPARING = "comparing", "comparing them with what is there"
    WRITING = "writing", "writing them"
    ADDING = "adding", "adding them up"


RUNNING_STATES = (ImportState.CHECKING, ImportState.IMPORTING)


class ImportQuerySet(models.QuerySet):
    """Imports as the page lists them."""

    def for_user(self, user):
        """Imports into the sides of the company that this user may edit."""
        allowed = [name for side, names in ENTITY_SIDES.items() if may_import(user, side) for name in names]
        return self.filter(entity__in=allowed)


class ImportMap(models.Model):
    """A saved way of reading files: which column is which field, constants, formats. `header` is the file's for which it was saved."""

    name = models.CharField(max_length=80)
    entity = models.CharField(max_length=30)
    header = models.JSONField(default=list)
    words = models.JSONField(default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(
                "entity",
                Lower("name"),
                name="import_map_name_unique",
                violation_error_message="There is a mapping of this name already.",
            ),
        ]

    def __str__(self):
        return self.name


class Import(models.Model):
    """An uploaded file on its way into the company's data.

    `words` are the sections of its map (columns, constants, formats …) as docs/importing.md describes them; `corrections` replace single
    cells: line → position → text. `result` is what the last check or import said of the rows. `header` recognises the next file alike.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="imports")
    entity = models.CharField(max_length=30)
    file_name = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=60, unique=True)
    size = models.BigIntegerField()
    header = models.JSONField(default=list)
    words = models.JSONField(default=dict)
    corrections = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.DRAFT)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    map_name = models.CharField(max_length=80, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=10, choices=ImportStep, default=ImportStep.READING)
    stop_asked = models.BooleanField(default=False)
    change = models.ForeignKey(ChangeSet, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return f"{self.entity.replace('_', ' ')} from {self.file_name}"

    def get_absolute_url(self):
        """The page of this import."""
        return reverse("import", args=[self.pk])


class ImportProblem(models.Model):
    """One cell of an uploaded file that was refused, and why."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    field = models.CharField(max_length=40, blank=True)
    value = models.TextField(blank=True)
    reason = models.TextField()

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self):
        return f"line {self.line}: {self.reason}"


ENTITY_SIDES = {
    "sales": ("categories", "products", "customers", "orders", "order_lines", "sales"),
    "jobs": ("jobs", "applications", "candidates"),
}


def may_import(user, side: str) -> bool:
    """Managers import into sales, recruiters into hiring."""
    return {"sales": may_edit_sales, "jobs": may_hire}[side](user)


class RunState(models.TextChoices):
    """How far a bulk action in the background has come."""

    WAITING = "waiting", "Waiting for the worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REFUSED = "refused", "Nothing was changed"


class BulkRunQuerySet(models.QuerySet):
    """Background actions as their page asks for them."""

    def for_user(self, user):
        """Actions on the side of the company that this user may edit too."""
        return self.filter(side__in=[side for side in ENTITY_SIDES if may_import(user, side)])


class BulkRun(models.Model):
    """A confirmed bulk action on more rows than one statement takes; the worker does it. See bulk_tasks.py.

    `list_name` names its list on its `side` of the company, `words` is the confirmed form as it was sent, `sentence` says what it does and
    `reason` why nothing was changed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    side = models.CharField(max_length=10)
    list_name = models.CharField(max_length=20)
    words = models.TextField()
    sentence = models.TextField()
    rows = models.PositiveIntegerField(help_text="How many rows were confirmed.")
    rows_done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    reason = models.TextField(blank=True)
    change = models.ForeignKey(ChangeSet, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.sentence

    def get_absolute_url(self):
        """The page of this run."""
        return reverse("bulk_run", args=[self.pk])

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.state in {RunState.WAITING, RunState.RUNNING}
