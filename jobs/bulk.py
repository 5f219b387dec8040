"""Bulk actions of the hiring lists: their words, the rows they leave alone, and the one statement that each of them is."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from dashboard.access import may_hire
from dashboard.bulk import Action, BulkForm, BulkList

from . import actions, pipeline
from .filters import ApplicationFilter, JobFilter
from .models import Application, ApplicationStatus, Job, JobHold, JobSkill, JobStatus, RejectionReason, Stage, StageKind

PUBLISH, PAUSE, CLOSE, DELETE, MOVE, REJECT = "publish", "pause", "close", "delete", "move", "reject"


def status_action(key: str, status: str, doing: str, effect: str) -> Action:
    """The bulk action that gives jobs a status."""
    return Action(
        key=key,
        verb=f"job.{actions.STATUS_VERBS[status]}",
        doing=doing,
        done=actions.STATUS_VERBS[status],
        effect=effect,
        refusals=lambda data: actions.status_refusals(status, timezone.now()),
        write=lambda jobs, data, user: actions.write_status(jobs, status, timezone.now()),
        before=lambda job: job.get_status_display().lower(),
        after=lambda job, data: JobStatus(status).label.lower(),
    )


def delete_jobs(jobs) -> int:
    """Delete jobs, locked and judged by the caller, with the skills they ask for and their holds."""
    for links in (JobSkill, JobHold):
        rows = links.objects.filter(job__in=jobs)
        rows._raw_delete(rows.db)  # noqa: SLF001 - nothing refers to these rows
    return jobs._raw_delete(jobs.db)  # noqa: SLF001 - what refers to these rows is gone


JOB_ACTIONS = (
    status_action(PUBLISH, JobStatus.OPEN, "Publish", "They are on the public board at once."),
    status_action(PAUSE, JobStatus.PAUSED, "Pause", "They leave the public board; their days open stand still."),
    status_action(CLOSE, JobStatus.CLOSED, "Close", "They leave the public board; applications stay where they are."),
    Action(
        key=DELETE,
        verb="job.deleted",
        doing="Delete",
        done="deleted",
        effect="Only drafts that nobody applied to can be deleted.",
        refusals=lambda data: [
            (Exists(Application.objects.filter(job=OuterRef("pk"))), "somebody applied"),
            (~Q(status=JobStatus.DRAFT), "only drafts are deleted; close it instead"),
        ],
        write=lambda jobs, data, user: delete_jobs(jobs),
        deletes=True,
    ),
)

JOBS = BulkList(
    side="jobs",
    name="jobs",
    noun="job",
    plural="jobs",
    page="jobs:jobs",
    url="jobs:jobs_bulk",
    model=Job,
    filterset=JobFilter,
    rows=lambda user: Job.objects.for_user(user).for_table(timezone.now()),
    allowed=may_hire,
    actions={action.key: action for action in JOB_ACTIONS},
    title="title",
    bare=frozenset({"Department"}),
)


class StageField(forms.ModelChoiceField):
    """A stage of any pipeline."""

    def label_from_instance(self, stage):
        """Stages of two pipelines may have one name."""
        return f"{stage.pipeline}: {stage.name}"


class ApplicationBulkForm(BulkForm):
    """What the actions on applications need to know. Nobody is hired in passing: the last stage is not among the choices."""

    stage = StageField(
        Stage.objects.exclude(kind=StageKind.HIRED).select_related("pipeline"), required=False, label="To which stage?", empty_label="Choose…"
    )
    reason = forms.ModelChoiceField(RejectionReason.objects.all(), required=False, label="For which reason?", empty_label="Choose…")


APPLICATION_ACTIONS = (
    Action(
        key=MOVE,
        verb="application.moved",
        doing="Move",
        done="moved",
        told=lambda data: f" to {data['stage'].name}",
        asks="stage",
        effect="Each gets an entry in its history. People are hired one by one.",
        refusals=lambda data: [
            (Q(stage=data["stage"]), "there already"),
            (~Q(job__pipeline=data["stage"].pipeline_id), "their job has other stages"),
            (Q(status=ApplicationStatus.HIRED), "hired; move them one by one"),
            (~Q(status=ApplicationStatus.ACTIVE), "rejected or withdrawn; reopen them first"),
        ],
        write=lambda rows, data, user: pipeline.move_all(rows, data["stage"], user, now=timezone.now()),
        before=lambda application: application.stage.name,
        after=lambda application, data: data["stage"].name,
    ),
    Action(
        key=REJECT,
        verb="application.rejected",
        doing="Reject",
        done="rejected",
        told=lambda data: f": {data['reason'].name}",
        asks="reason",
        effect="They keep the stage they had reached. Nobody is written to.",
        refusals=lambda data: [(~Q(status=ApplicationStatus.ACTIVE), "they are not in process any more")],
        write=lambda rows, data, user: pipeline.close_all(rows, ApplicationStatus.REJECTED, data["reason"], now=timezone.now()),
        before=lambda application: application.stage.name,
        after=lambda application, data: "rejected",
    ),
)

APPLICATIONS = BulkList(
    side="jobs",
    name="applications",
    noun="application",
    plural="applications",
    page="jobs:applications",
    url="jobs:applications_bulk",
    model=Application,
    filterset=ApplicationFilter,
    rows=Application.objects.for_user,
    allowed=may_hire,
    actions={action.key: action for action in APPLICATION_ACTIONS},
    form=ApplicationBulkForm,
    title="candidate__label",
    related=("candidate", "job", "stage"),
    bare=frozenset({"Job"}),
)

LISTS = (JOBS, APPLICATIONS)
