"""The hiring pages: guard, build, respond. What they read is in models.py, what they write in actions.py."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import hiring_page
from dashboard.listing import done, is_fragment, list_page, render_row
from dashboard.once import once

from . import actions, reports
from .board import ended_counts, stages_of
from .filters import ApplicationFilter, CandidateFilter, JobFilter
from .forms import JobForm, MoveForm, NoteForm, OpeningsForm, OutcomeForm, RatingForm, StatusForm
from .models import QUIET_DAYS, Application, ApplicationStatus, Candidate, Job, JobStatus, Note, RejectionReason, StageEvent
from .refusal import Refused
from .sentences import sentence_of_applications, sentence_of_candidates, sentence_of_jobs
from .tables import ApplicationTable, CandidateTable, JobTable

SEGMENTS = [("", "All", "all"), ("with", "With applications", "with"), ("without", "Without", "without"), ("quiet", "None in {} days", "quiet")]


def checked(form) -> dict:
    """What a valid form holds; the first of its errors as a refusal otherwise."""
    if form.is_valid():
        return form.cleaned_data
    raise Refused(next(iter(form.errors.values()))[0])


# --- Jobs ------------------------------------------------------------------------------------------------------------
@hiring_page
@require_safe
def jobs(request):
    """The list of jobs."""
    rows = Job.objects.for_user(request.user).for_table(timezone.now())
    filterset = JobFilter(request.GET, queryset=rows, request=request)
    context = {"segments": segments_of(request, rows, filterset)}
    return list_page(
        request, filterset=filterset, table_class=JobTable, template="jobs/jobs.html", title=sentence_of_jobs(filterset), context=context
    )


def segments_of(request, rows, filterset) -> list[dict]:
    """The quick choices by applications, each with its number of jobs under all other filters."""
    others = request.GET.copy()
    others.pop("applications", None)
    others.pop("quiet_days", None)
    base = JobFilter(others, queryset=rows)
    if not (filterset.is_valid() and base.is_valid()):
        return []
    counts = base.rows.segment_counts(filterset.quiet_since)
    days = filterset.form.cleaned_data.get("quiet_days") or QUIET_DAYS
    chosen = filterset.form.cleaned_data.get("applications") or ""
    return [{"value": value, "label": label.format(int(days)), "count": counts[key], "current": value == chosen} for value, label, key in SEGMENTS]


def job_or_404(request, slug: str, now):
    """One of the user's jobs with everything its page and its row show."""
    rows = Job.objects.for_user(request.user).for_table(now).defer(None).defer("search").select_related("pipeline", "recruiter", "hiring_manager")
    return get_object_or_404(rows, slug=slug)


@hiring_page
@require_safe
def job(request, slug):
    """One job: its facts, and its pipeline as board or list."""
    return job_page(request, job_or_404(request, slug, timezone.now()))


def job_page(request, job, *, name: str = "", status: int = 200, **extra):
    """The page of a job, or its fragment `name` after an edit."""
    part = name or next((part for part in ("facts", "pipeline") if is_fragment(request, part)), "")
    context = {"job": job, "title": job.title, "statuses": JobStatus, **extra}
    if part != "facts":
        shown_as = "list" if request.GET.get("as") == "list" else "board"
        stages = stages_of(job, timezone.now())
        context |= {"stages": stages, "ended": ended_counts(job), "reasons": RejectionReason.objects.all(), "shown_as": shown_as}
    return render(request, f"jobs/job.html#{part}" if part else "jobs/job.html", context, status=status)


def edited_job(request, slug: str, *, message: str, field: str, error: str):
    """Answer an inline edit of a job: its row in the list or the facts of its page again, with the sentence where it was refused."""
    fresh = job_or_404(request, slug, timezone.now())
    status, problem = (422, {"field": field, "text": error}) if error else (200, None)
    if is_fragment(request, "facts"):
        response = job_page(request, fresh, name="facts", status=status, error=problem)
    else:
        response = render_row(request, JobTable, fresh, status=status, cell_context={"error": problem})
    back = redirect("jobs:job", slug=slug)
    return done(request, response, error or message, back=back, level="error" if error else "ok")


@hiring_page
@require_POST
def job_openings(request, slug):
    """One opening more or less."""
    rows = Job.objects.for_user(request.user).filter(slug=slug)
    get_object_or_404(rows)
    error = ""
    try:
        by = checked(OpeningsForm(request.POST))["by"]
        once(request, lambda: actions.change_openings(rows, by, request.user))
    except Refused as refusal:
        error = str(refusal)
    return edited_job(request, slug, message="Openings changed.", field="openings", error=error)


@hiring_page
@require_POST
def job_status(request, slug):
    """Publish, pause, close or reopen one job."""
    rows = Job.objects.for_user(request.user).filter(slug=slug)
    title = get_object_or_404(rows).title
    error = ""
    try:
        outcome = actions.set_status(rows, checked(StatusForm(request.POST))["status"], request.user, now=timezone.now())
        error = "" if outcome.count else outcome.refused[0].removeprefix(f"{title}: ").capitalize()
    except Refused as refusal:
        error = str(refusal)
    return edited_job(request, slug, message="Status changed.", field="status", error=error)


@hiring_page
@require_http_methods(["GET", "HEAD", "POST"])
def job_new(request):
    """A new job, as a draft."""
    return job_form(request, JobForm(request.POST or None), "New job")


@hiring_page
@require_http_methods(["GET", "HEAD", "POST"])
def job_edit(request, slug):
    """Everything about a job that its pages do not edit in place."""
    instance = get_object_or_404(Job.objects.for_user(request.user), slug=slug)
    return job_form(request, JobForm(request.POST or None, instance=instance), f"Edit {instance.title}")


def job_form(request, form, title: str):
    """Show the form, or save it and go to the job."""
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_job(form, request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved {saved.title}.")
            return redirect("jobs:job", slug=saved.slug)
    return render(request, "jobs/job_form.html", {"form": form, "title": title}, status=422 if form.is_bound else 200)


# --- Applications ----------------------------------------------------------------------------------------------------
@hiring_page
@require_safe
def applications(request):
    """The list of applications of all jobs."""
    rows = Application.objects.for_user(request.user)
    filterset = ApplicationFilter(request.GET, queryset=rows, request=request)
    title, shown = sentence_of_applications(filterset), rows.for_table(timezone.now()).defer("cover_letter")
    return list_page(request, filterset=filterset, table_class=ApplicationTable, template="jobs/applications.html", title=title, records=shown)


def application_or_404(request, pk: int):
    """One of the user's applications with everything its page shows."""
    rows = Application.objects.for_user(request.user).for_table(timezone.now()).select_related("job__pipeline")
    return get_object_or_404(rows, pk=pk)


@hiring_page
@require_safe
def application(request, pk):
    """One application: where it stands, its history, its notes, and the candidate's other applications."""
    return application_page(request, application_or_404(request, pk))


def application_page(request, application, *, status: int = 200, error: str = "", note_form=None):
    """The page of an application, or its one fragment after an edit."""
    events = StageEvent.objects.filter(application=application).select_related("from_stage", "to_stage", "actor", "undone_by")
    others = application.candidate.applications.exclude(pk=application.pk).select_related("job", "stage", "reason")
    context = {
        "application": application,
        "title": application.candidate.label,
        "events": events.order_by("-at", "-pk"),
        "notes": Note.objects.for_user(request.user).filter(application=application).select_related("author"),
        "others": others[:20],
        "stages": application.job.pipeline.stages.order_by("position"),
        "reasons": RejectionReason.objects.all(),
        "skills": application.candidate.candidate_skills.select_related("skill"),
        "note_form": note_form or NoteForm(),
        "error": error,
    }
    name = "#application" if is_fragment(request, "application") else ""
    return render(request, f"jobs/application.html{name}", context, status=status)


def edited_application(request, pk: int, *, message: str = "", error: str = ""):
    """Answer an inline edit of an application: the pipeline it was made on, or its own page, with the sentence where it was refused."""
    fresh, status = application_or_404(request, pk), 422 if error else 200
    if is_fragment(request, "pipeline"):
        job = job_or_404(request, fresh.job.slug, timezone.now())
        response = job_page(request, job, name="pipeline", status=status, error=error, edited=pk)
    else:
        response = application_page(request, fresh, status=status, error=error)
    back = redirect(f"{reverse('jobs:job', args=[fresh.job.slug])}?as=list" if request.GET.get("as") else reverse("jobs:application", args=[pk]))
    return done(request, response, error or message, back=back, level="error" if error else "ok")


@hiring_page
@require_POST
def application_move(request, pk):
    """Move an application to another stage of its job's pipeline."""
    found = application_or_404(request, pk)
    try:
        stage = checked(MoveForm(request.POST, application=found))["stage"]
        moved = actions.move(Application.objects.filter(pk=pk), stage, request.user, now=timezone.now())
    except Refused as refusal:
        return edited_application(request, pk, error=str(refusal))
    message = f"{found.candidate.label} moved to {stage.name}." if moved else f"{found.candidate.label} is in {stage.name} already."
    return edited_application(request, pk, message=message)


@hiring_page
@require_POST
def application_rating(request, pk):
    """One star more or less."""
    found = application_or_404(request, pk)
    error = ""
    try:
        by = checked(RatingForm(request.POST))["by"]
        once(request, lambda: actions.rate(Application.objects.filter(pk=found.pk), by, request.user))
    except Refused as refusal:
        error = str(refusal)
    return edited_application(request, pk, message="Rating changed.", error=error)


@hiring_page
@require_POST
def application_outcome(request, pk):
    """Reject with a reason, note a withdrawal, or reopen."""
    found = application_or_404(request, pk)
    rows, error = Application.objects.filter(pk=found.pk), ""
    try:
        asked = checked(OutcomeForm(request.POST))
        if asked["outcome"] == ApplicationStatus.REJECTED:
            actions.reject(rows, asked["reason"], request.user, now=timezone.now())
        elif asked["outcome"] == ApplicationStatus.WITHDRAWN:
            actions.withdraw(rows, request.user, now=timezone.now())
        else:
            actions.reopen(rows, request.user)
    except Refused as refusal:
        error = str(refusal)
    return edited_application(request, pk, message=f"{found.candidate.label}: saved.", error=error)


@hiring_page
@require_POST
def application_note(request, pk):
    """Write a note on an application."""
    found = application_or_404(request, pk)
    form = NoteForm(request.POST, instance=Note(application=found))
    if not form.is_valid():
        response = application_page(request, found, status=422, note_form=form)
        return (
            response if request.htmx else done(request, response, "A note says something.", back=redirect("jobs:application", pk=pk), level="error")
        )
    actions.add_note(form.instance, request.user)
    return edited_application(request, pk, message="Note added.")


# --- Candidates ------------------------------------------------------------------------------------------------------
@hiring_page
@require_safe
def candidates(request):
    """Everybody who ever applied."""
    rows = Candidate.objects.for_user(request.user)
    filterset = CandidateFilter(request.GET, queryset=rows, request=request)
    title, shown = sentence_of_candidates(filterset), rows.for_table()
    return list_page(request, filterset=filterset, table_class=CandidateTable, template="jobs/candidates.html", title=title, records=shown)


@hiring_page
@require_safe
def candidate(request, pk):
    """One candidate: who they are, what they can do, every application and the notes on the person."""
    return candidate_page(request, get_object_or_404(Candidate.objects.for_user(request.user).select_related("merged_into"), pk=pk), NoteForm())


def candidate_page(request, person, note_form, *, status: int = 200):
    """The page of a candidate, or its notes after one was added."""
    context = {
        "candidate": person,
        "title": person.label,
        "skills": person.candidate_skills.select_related("skill"),
        "applications": person.applications.for_table(timezone.now()),
        "notes": Note.objects.for_user(request.user).filter(candidate=person).select_related("author"),
        "note_form": note_form,
    }
    name = "#notes" if is_fragment(request, "notes") else ""
    return render(request, f"jobs/candidate.html{name}", context, status=status)


@hiring_page
@require_POST
def candidate_note(request, pk):
    """Write a note on a candidate."""
    person = get_object_or_404(Candidate.objects.for_user(request.user), pk=pk)
    form = NoteForm(request.POST, instance=Note(candidate=person))
    if not form.is_valid():
        return candidate_page(request, person, form, status=422)
    actions.add_note(form.instance, request.user)
    return done(request, candidate_page(request, person, NoteForm()), "Note added.", back=redirect("jobs:candidate", pk=pk))


# --- Reports ---------------------------------------------------------------------------------------------------------
@hiring_page
@require_safe
def hiring_report(request):
    """Where applications come from, where they stand and where they wait."""
    applications = Application.objects.for_user(request.user)
    context = {
        "title": "Hiring in figures",
        "kinds": reports.by_stage_kind(applications),
        "sources": reports.by_source(applications),
        "waits": reports.time_in_stage(applications),
        "undated": applications.filter(applied_at__isnull=True).count(),
    }
    return render(request, "jobs/reports.html", context)
