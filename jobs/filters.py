"""The filter forms of the hiring lists and of the public board. Each condition is one lookup or one method of a QuerySet."""

from datetime import date, timedelta
from functools import cache

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from dashboard.days import begin
from dashboard.filters import BaseFilterSet

from .models import (
    QUIET_DAYS,
    Application,
    ApplicationStatus,
    Candidate,
    CandidateSkill,
    EmploymentType,
    Health,
    Job,
    JobSkill,
    JobStatus,
    Skill,
    Source,
    Stage,
    StageKind,
    Workplace,
)
from .vocabulary import skills_by_name

MOST_OFFERED = 300
MOST_JOBS_OFFERED = 100
MOST_SKILLS_ASKED = 20
ANY_OR_ALL = [("any", "any of them"), ("all", "all of them")]


class LongSelect(forms.Select):
    """A select of hundreds of values: Django renders each option through a template of its own, which costs more than the whole list."""

    def render(self, name, value, attrs=None, renderer=None):
        """The same markup in one go."""
        chosen = set(map(str, value)) if isinstance(value, list | tuple) else {str(value)}
        options = (({"value": key, "selected": str(key) in chosen}, label) for key, label in self.choices)
        markup = format_html_join("", "<option{}>{}</option>", ((flatatt(attributes), label) for attributes, label in options))
        own = {"name": name, "multiple": self.allow_multiple_selected}
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs(self.attrs, (attrs or {}) | own)), markup)


class LongSelectMultiple(LongSelect):
    """The same for several values at once."""

    allow_multiple_selected = True
    value_from_datadict = forms.SelectMultiple.value_from_datadict
    value_omitted_from_data = forms.SelectMultiple.value_omitted_from_data


class SkillsField(forms.MultipleChoiceField):
    """Names of skills in any letter case, other names of theirs included. Cleans to the names as they were given.

    `found` holds the skills behind them once the field is clean.
    """

    widget = LongSelectMultiple(attrs={"size": 6})
    found: tuple[Skill, ...] = ()

    def validate(self, value):
        """Refuse a name that no skill has: silently matching nothing would read as an empty list."""
        if len(value) > MOST_SKILLS_ASKED:
            raise ValidationError("Ask for at most %(most)s skills at once.", code="too_many", params={"most": MOST_SKILLS_ASKED})
        skills = skills_by_name(value)
        for name in value:
            if name.lower() not in skills:
                raise ValidationError("No skill is called “%(name)s”.", code="unknown_skill", params={"name": name[:80]})
        self.found = tuple(dict.fromkeys(skills[name.lower()] for name in value))


class SkillsFilter(django_filters.Filter):
    """A repeatable word with names of skills."""

    field_class = SkillsField


class AnyOfFilter(django_filters.Filter):
    """A repeatable word: rows with one of the values."""

    field_class = forms.MultipleChoiceField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, lookup_expr="in", widget=forms.CheckboxSelectMultiple, **kwargs)

    def filter(self, qs, value):
        """Everything while no value is given."""
        return super().filter(qs, value) if value else qs


class OfferedFilter(django_filters.CharFilter):
    """A text to match as it is, whatever its letter case, with the values in use offered as a list."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, lookup_expr="iexact", widget=LongSelect, **kwargs)


class OfferingFilterSet(BaseFilterSet):
    """A filter form whose lists are read from the database, only when the form is shown."""

    def offer(self, field: str, values) -> None:
        """Let `field` offer what `values()` returns, and what it holds now, as choices."""
        widget = self.form.fields[field].widget
        given = self.data.getlist(field)[:MOST_SKILLS_ASKED] if hasattr(self.data, "getlist") else []

        @cache  # a select asks for its choices twice
        def choices():
            offered = dict(values())
            blank = [] if widget.allow_multiple_selected else [("", "any")]
            return [*blank, *offered.items(), *((value, value) for value in given if value and value not in offered)]

        widget.choices = choices

    def asked(self, field: str = "skill") -> tuple[Skill, ...]:
        """The skills behind the names in `field`."""
        return self.form.fields[field].found

    @staticmethod
    def skills_in_use(links):
        """Names of the skills that most of `links` (rows of a through table) lead to, in the order of the alphabet."""
        numbers = links.order_by().values("skill").annotate(number=Count("pk")).order_by("-number", "skill")[:MOST_OFFERED]
        names = Skill.objects.filter(pk__in=[row["skill"] for row in numbers]).order_by(Lower("name"), "pk").values_list("name", flat=True)
        return [(name, name) for name in names]

    @staticmethod
    def values_in_use(jobs, field):
        """The most frequent values of a text field of jobs, in the order of the alphabet."""
        used = jobs.exclude(**{field: ""}).order_by().values(field).annotate(number=Count("pk")).order_by("-number", field)
        return [(value, value) for value in sorted(used.values_list(field, flat=True)[:MOST_OFFERED], key=str.lower)]


class JobFilter(OfferingFilterSet):
    """What a recruiter asks of the list of jobs."""

    q = django_filters.CharFilter(method="by_text", label="Search", widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search jobs"}))
    title = django_filters.CharFilter(lookup_expr="icontains", label="Title contains")
    status = AnyOfFilter(choices=JobStatus, label="Status")
    department = OfferedFilter(label="Department")
    country = OfferedFilter(label="Country")
    city = OfferedFilter(label="City")
    workplace = AnyOfFilter(choices=Workplace, label="Workplace")
    employment_type = AnyOfFilter(choices=EmploymentType, label="Employment", method="by_employment")
    salary_min = django_filters.NumberFilter(field_name="salary_annual_max", lookup_expr="gte", label="Pays at least, a year", min_value=0)
    salary_max = django_filters.NumberFilter(field_name="salary_annual_max", lookup_expr="lte", label="Pays at most, a year", min_value=0)
    skill = SkillsFilter(method="by_skills", label="Skill")
    skills = django_filters.ChoiceFilter(choices=ANY_OR_ALL, label="Of several skills", method="leave", empty_label="any of them (usual)")
    without_skill = SkillsFilter(method="by_missing_skills", label="Without skill")
    no_skills = django_filters.ChoiceFilter(choices=[("yes", "name none")], label="Skills at all", method="by_no_skills", empty_label="any")
    applications = django_filters.ChoiceFilter(
        choices=[("with", "with applications"), ("without", "without"), ("quiet", "none lately")],
        label="Applications",
        method="by_applications",
        empty_label="any",
    )
    quiet_days = django_filters.NumberFilter(label="Lately is, in days", method="by_quiet_days", min_value=1, max_value=3650, decimal_places=0)
    state = AnyOfFilter(choices=[(health.name.lower(), health.label) for health in Health], label="State", method="by_state")
    posted_from = django_filters.DateFilter(
        field_name="published_at", lookup_expr="date__gte", label="Posted from", widget=forms.DateInput(attrs={"type": "date"})
    )
    posted_to = django_filters.DateFilter(
        field_name="published_at", lookup_expr="date__lte", label="Posted to", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = Job
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in ("department", "country", "city"):
            self.offer(field, lambda field=field: self.values_in_use(Job.objects.all(), field))
        skills = cache(lambda: self.skills_in_use(JobSkill.objects.all()))
        for field in ("skill", "without_skill"):
            self.offer(field, skills)

    @property
    def quiet_since(self):
        """The moment from which an application counts as lately."""
        days = self.form.cleaned_data.get("quiet_days") or QUIET_DAYS
        return timezone.now() - timedelta(days=int(days))

    def by_text(self, jobs, name, value):
        """Words in title, department, place or description."""
        return jobs.matching(value)

    def by_employment(self, jobs, name, value):
        """Jobs offering at least one of the types."""
        return jobs.filter(employment_type__overlap=value) if value else jobs

    def by_skills(self, jobs, name, value):
        """Jobs asking for any or all of the skills, as the word `skills` says."""
        if not value:
            return jobs
        return jobs.needing_all_skills(self.asked()) if self.form.cleaned_data.get("skills") == "all" else jobs.needing_any_skill(self.asked())

    def by_missing_skills(self, jobs, name, value):
        """Jobs asking for none of the skills."""
        return jobs.without_skills(self.asked("without_skill")) if value else jobs

    def by_no_skills(self, jobs, name, value):
        """Jobs that name no skill."""
        return jobs.naming_no_skill()

    def by_applications(self, jobs, name, value):
        """Jobs with, without, or lately without applications."""
        if value == "with":
            return jobs.applied_to()
        return jobs.nobody_applied_to() if value == "without" else jobs.quiet_since(self.quiet_since)

    def by_quiet_days(self, jobs, name, value):
        """The number of days alone already asks for jobs without applications in them."""
        return jobs if self.form.cleaned_data.get("applications") else jobs.quiet_since(self.quiet_since)

    def by_state(self, jobs, name, value):
        """Jobs in one of these states of health."""
        return jobs.filter(health__in=[Health[state.upper()] for state in value]) if value else jobs

    def leave(self, jobs, name, value):
        """A word that only says how another one is meant."""
        return jobs


class ApplicationFilter(OfferingFilterSet):
    """What a recruiter asks of the list of applications."""

    q = django_filters.CharFilter(
        method="by_text", label="Search", widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search people or jobs"})
    )
    job = django_filters.ModelChoiceFilter(queryset=Job.objects.only("title", "slug"), to_field_name="slug", label="Job", widget=LongSelect)
    stage = django_filters.ModelMultipleChoiceFilter(queryset=Stage.objects.select_related("pipeline"), label="Stage", method="by_stages")
    kind = AnyOfFilter(choices=StageKind, field_name="stage__kind", label="Kind of stage")
    status = AnyOfFilter(choices=ApplicationStatus, label="Outcome")
    source = django_filters.ModelMultipleChoiceFilter(queryset=Source.objects.all(), label="Source", method="by_sources")
    rating = django_filters.ChoiceFilter(
        choices=[(number, f"{number} or more") for number in range(1, 6)], lookup_expr="gte", label="Rating", empty_label="any"
    )
    waiting = django_filters.ChoiceFilter(
        choices=[("first_look", "for a first look"), ("too_long", "longer than the limit of the stage")],
        label="Waiting",
        method="by_waiting",
        empty_label="any",
    )
    skill = SkillsFilter(method="by_skills", label="Candidate's skill")
    skills = django_filters.ChoiceFilter(choices=ANY_OR_ALL, label="Of several skills", method="leave", empty_label="any of them (usual)")
    applied_from = django_filters.DateFilter(method="by_first_day", label="Applied from", widget=forms.DateInput(attrs={"type": "date"}))
    applied_to = django_filters.DateFilter(method="by_last_day", label="Applied to", widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = Application
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer("job", self.busiest_jobs)
        self.offer("skill", lambda: self.skills_in_use(CandidateSkill.objects.all()))

    @staticmethod
    def busiest_jobs():
        """The jobs with the most applications, by title."""
        counted = Application.objects.order_by().values("job__slug", "job__title").annotate(number=Count("pk")).order_by("-number", "job__slug")
        return sorted(counted.values_list("job__slug", "job__title")[:MOST_JOBS_OFFERED], key=lambda job: job[1].lower())

    def by_text(self, applications, name, value):
        """A part of the candidate's name or of the job's title."""
        return applications.matching(value)

    def by_first_day(self, applications, name, value):
        """Made on this day or later."""
        return applications.filter(applied_at__gte=begin(value))

    def by_last_day(self, applications, name, value):
        """Made on this day or earlier."""
        return applications if value == date.max else applications.filter(applied_at__lt=begin(value + timedelta(days=1)))

    def by_stages(self, applications, name, value):
        """In one of these stages."""
        return applications.filter(stage__in=value) if value else applications

    def by_sources(self, applications, name, value):
        """From one of these sources."""
        return applications.filter(source__in=value) if value else applications

    def by_waiting(self, applications, name, value):
        """Waiting for a first look, or for too long."""
        return applications.unread() if value == "first_look" else applications.waiting_too_long(timezone.now())

    def by_skills(self, applications, name, value):
        """Of candidates with any or all of the skills."""
        return filter_by_candidate_skills(applications, "candidate", self.asked(), self.form.cleaned_data.get("skills")) if value else applications

    def leave(self, applications, name, value):
        """A word that only says how another one is meant."""
        return applications


class CandidateFilter(OfferingFilterSet):
    """What a recruiter asks of the list of candidates."""

    q = django_filters.CharFilter(
        method="by_text", label="Search", widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search candidates"})
    )
    active = django_filters.ChoiceFilter(
        choices=[("yes", "active somewhere"), ("no", "not active")], label="In process", method="by_active", empty_label="any"
    )
    skill = SkillsFilter(method="by_skills", label="Skill")
    skills = django_filters.ChoiceFilter(choices=ANY_OR_ALL, label="Of several skills", method="leave", empty_label="any of them (usual)")

    class Meta:
        model = Candidate
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer("skill", lambda: self.skills_in_use(CandidateSkill.objects.all()))

    def by_text(self, candidates, name, value):
        """A part of the name or of the email address."""
        return candidates.filter(Q(label__icontains=value) | Q(email__icontains=value))

    def by_active(self, candidates, name, value):
        """With or without an application in process."""
        active = Exists(Application.objects.active().filter(candidate=OuterRef("pk")))
        return candidates.filter(active if value == "yes" else ~active)

    def by_skills(self, candidates, name, value):
        """With any or all of the skills."""
        mode = self.form.cleaned_data.get("skills")
        return filter_by_candidate_skills(candidates, "pk", self.asked(), mode) if value else candidates

    def leave(self, candidates, name, value):
        """A word that only says how another one is meant."""
        return candidates


def filter_by_candidate_skills(rows, path: str, skills, mode: str | None):
    """Rows whose candidate (at `path`) has any of `skills`, or with mode "all" every one; each row once."""
    if mode != "all":
        return rows.filter(Exists(CandidateSkill.objects.filter(candidate=OuterRef(path), skill__in=skills)))
    for skill in skills:
        rows = rows.filter(Exists(CandidateSkill.objects.filter(candidate=OuterRef(path), skill=skill)))
    return rows


class CareersFilter(OfferingFilterSet):
    """What somebody looking for work asks of the public board."""

    q = django_filters.CharFilter(method="by_text", label="Search", widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search jobs"}))
    country = OfferedFilter(label="Country")
    workplace = AnyOfFilter(choices=Workplace, label="Workplace")
    employment_type = AnyOfFilter(choices=EmploymentType, label="Employment", method="by_employment")
    skill = SkillsFilter(method="by_skills", label="Skill")
    salary_min = django_filters.NumberFilter(field_name="salary_annual_max", lookup_expr="gte", label="Pays at least, a year", min_value=0)

    class Meta:
        model = Job
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        published = Job.objects.published(timezone.now())
        self.offer("country", lambda: self.values_in_use(published, "country"))
        self.offer("skill", lambda: self.skills_in_use(JobSkill.objects.filter(job__in=published)))

    by_text = JobFilter.by_text
    by_employment = JobFilter.by_employment

    def by_skills(self, jobs, name, value):
        """Jobs asking for every skill named: each one narrows the list further."""
        return jobs.needing_all_skills(self.asked()) if value else jobs
