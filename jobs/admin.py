"""Administration of hiring. Stages change through pipeline.py here as well, so that the log stays true."""

from django import forms
from django.contrib import admin
from django.db.models import OuterRef

from . import pipeline
from .applications import count_of
from .models import (
    Application,
    Candidate,
    CandidateSkill,
    Job,
    JobHold,
    JobSkill,
    Note,
    Pipeline,
    RejectionReason,
    Skill,
    SkillAlias,
    Source,
    Stage,
    StageEvent,
)


class SkillAliasInline(admin.TabularInline):
    """Other names, edited beside their skill."""

    model = SkillAlias
    extra = 1


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):
    """Skills with their other names."""

    list_display = ["name", "other_names", "job_count"]
    search_fields = ["name", "aliases__alias"]
    inlines = [SkillAliasInline]

    def get_queryset(self, request):
        """Names and numbers in two queries, whatever the length of the list."""
        jobs = count_of(JobSkill.objects.filter(skill=OuterRef("pk")), "skill")
        return super().get_queryset(request).annotate(number_of_jobs=jobs).prefetch_related("aliases")

    @admin.display(description="Other names")
    def other_names(self, skill):
        """A comma list."""
        return ", ".join(alias.alias for alias in skill.aliases.all())

    @admin.display(description="Jobs", ordering="number_of_jobs")
    def job_count(self, skill):
        """How many jobs ask for it."""
        return skill.number_of_jobs


class StageInline(admin.TabularInline):
    """The steps of a pipeline in their order."""

    model = Stage
    extra = 0


@admin.register(Pipeline)
class PipelineAdmin(admin.ModelAdmin):
    """Pipelines with their stages."""

    list_display = ["name", "is_default"]
    search_fields = ["name"]
    inlines = [StageInline]


@admin.register(Stage)
class StageAdmin(admin.ModelAdmin):
    """Stages by themselves: what an application's form searches in."""

    list_display = ["name", "pipeline", "kind", "position", "sla_days"]
    list_filter = ["kind", "pipeline"]
    list_select_related = ["pipeline"]
    search_fields = ["name", "pipeline__name"]


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    """Where applications come from, and what that cost."""

    list_display = ["name", "kind", "cost"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(RejectionReason)
class RejectionReasonAdmin(admin.ModelAdmin):
    """Why applications end."""

    list_display = ["name", "side"]
    list_filter = ["side"]
    search_fields = ["name"]


class JobSkillInline(admin.TabularInline):
    """Skills a job asks for."""

    model = JobSkill
    extra = 1
    autocomplete_fields = ["skill"]

    def get_queryset(self, request):
        """Each row is called by its skill."""
        return super().get_queryset(request).select_related("skill")


class JobHoldInline(admin.TabularInline):
    """Times in which hiring stood still."""

    model = JobHold
    extra = 0


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Jobs. The number of hires follows the applications and cannot be typed."""

    list_display = ["title", "department", "city", "country", "status", "openings", "hired_count", "published_at"]
    list_filter = ["status", "workplace"]
    search_fields = ["title", "department", "key", "city"]
    date_hierarchy = "published_at"
    autocomplete_fields = ["pipeline", "recruiter", "hiring_manager"]
    readonly_fields = ["slug", "hired_count", "created_at"]
    inlines = [JobSkillInline, JobHoldInline]

    def get_queryset(self, request):
        """The list needs neither the long text nor the words it is searched by."""
        return super().get_queryset(request).defer("search")

    def get_readonly_fields(self, request, obj=None):
        """A job with applications keeps its pipeline: they are in its stages."""
        fixed = obj is not None and obj.applications.exists()
        return [*self.readonly_fields, *(["pipeline"] if fixed else [])]


class CandidateSkillInline(admin.TabularInline):
    """What a candidate can do."""

    model = CandidateSkill
    extra = 0
    autocomplete_fields = ["skill"]

    def get_queryset(self, request):
        """Each row is called by its skill."""
        return super().get_queryset(request).select_related("skill")


@admin.register(Candidate)
class CandidateAdmin(admin.ModelAdmin):
    """People who applied."""

    list_display = ["label", "email", "phone", "do_not_contact", "created_at"]
    list_filter = ["do_not_contact"]
    search_fields = ["label", "email", "key"]
    date_hierarchy = "created_at"
    autocomplete_fields = ["merged_into"]
    readonly_fields = ["created_at", "anonymised_at"]
    inlines = [CandidateSkillInline]


class StageEventInline(admin.TabularInline):
    """The log of an application: to be read, never to be written."""

    model = StageEvent
    fields = readonly_fields = ["at", "from_stage", "to_stage", "actor", "note"]
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        """Everything a row shows, in one query."""
        return super().get_queryset(request).select_related("from_stage", "to_stage", "actor")

    def has_add_permission(self, request, obj=None):
        """Entries are made by moving, not by typing."""
        return False


class NoteInline(admin.TabularInline):
    """Notes of the team; private ones stay with their author."""

    model = Note
    fields = ["body", "visibility", "author", "at"]
    readonly_fields = ["author", "at"]
    extra = 0

    def get_queryset(self, request):
        """What this administrator may read."""
        return super().get_queryset(request).for_user(request.user).select_related("author")


class ApplicationForm(forms.ModelForm):
    """A new application by hand."""

    def clean(self):
        """Say what the constraint would say: the outcome it depends on is not part of the form."""
        cleaned = super().clean()
        active = Application.objects.active().filter(job=cleaned.get("job"), candidate=cleaned.get("candidate"))
        if self.instance.pk is None and active.exists():
            raise forms.ValidationError("This candidate already has an active application for this job.", code="application_one_active")
        return cleaned


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):
    """Applications with their log. A new one enters the pipeline; an old one is moved and closed on the hiring pages."""

    form = ApplicationForm
    list_display = ["candidate", "job", "stage", "status", "rating", "applied_at"]
    list_filter = ["status", "stage__kind", "source"]
    list_select_related = ["candidate", "job", "stage"]
    search_fields = ["candidate__label", "candidate__email", "job__title", "key"]
    date_hierarchy = "applied_at"
    autocomplete_fields = ["job", "candidate", "source", "reason"]
    inlines = [StageEventInline, NoteInline]
    settled = ["stage", "status", "applied_at", "stage_since", "closed_at", "hired_at", "reason"]

    def get_readonly_fields(self, request, obj=None):
        """Where it stands is not typed but comes from its moves."""
        return ["job", "candidate", *self.settled] if obj else self.settled

    def save_model(self, request, obj, form, change):
        """A new application gets its first stage and the first entry of its log."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            pipeline.enter(obj, request.user)

    def save_formset(self, request, form, formset, change):
        """Notes written here are signed by who writes them."""
        for instance in formset.save(commit=False):
            if isinstance(instance, Note) and instance.author_id is None:
                instance.author = request.user
            instance.save()
        for instance in formset.deleted_objects:
            instance.delete()
        formset.save_m2m()

    def has_delete_permission(self, request, obj=None):
        """An application with a log stays; erasing a person empties the person instead."""
        return False
