"""One table per hiring list: jobs, applications, candidates."""

from django.db.models.functions import Lower

from dashboard.tables import BaseTable, CountColumn, DateTimeColumn, PageColumn, SelectColumn, TemplateCell, TextColumn

from .models import Application, Candidate, Health, Job, JobStatus


class SkillsCell(TemplateCell):
    """The skills linked by a prefetched through table."""

    def __init__(self, through: str, **kwargs):
        self.through = through
        super().__init__("Skills", template_name="jobs/cells/skills.html", orderable=False, **kwargs)

    def value(self, record):
        """Names in an export, one comma list."""
        return ", ".join(link.skill.name for link in getattr(record, self.through).all())

    def render(self, value, record, table, bound_column):
        """The links of this row."""
        return super().render(getattr(record, self.through).all(), record, table, bound_column)


class HealthCell(TemplateCell):
    """What a job needs, as a tag."""

    def value(self, value):
        """The word in an export."""
        return Health(value).label

    def render(self, value, record, table, bound_column):
        """The tag knows the state by name."""
        return super().render(Health(value), record, table, bound_column)


class PlaceCell(TemplateCell):
    """Where the work is done."""

    def value(self, record):
        """City, region, country and workplace in an export."""
        return ", ".join(filter(None, [record.city, record.region, record.country, record.get_workplace_display()]))


class LatestCell(TemplateCell):
    """Who applied last, and when."""

    def value(self, value):
        """The moment in an export."""
        return value


class JobTable(BaseTable):
    """Jobs with their applications."""

    tells = ("title", "department", "city", "country", "workplace", "openings", "status", "closes_at")

    select = SelectColumn()
    title = TemplateCell("Job", template_name="jobs/cells/job.html", order_by="title")
    place = PlaceCell("Place", template_name="jobs/cells/place.html", empty_values=(), order_by=("country", "city"))
    skills = SkillsCell("job_skills", empty_values=())
    application_count = TemplateCell(
        "Applied", template_name="jobs/cells/application_count.html", unit="count", numeric=True, initial_sort_descending=True
    )
    active_count = TemplateCell(
        "Active",
        template_name="jobs/cells/active.html",
        unit="count",
        initial_sort_descending=True,
        help_text="Applications in process, and how many in each stage",
    )
    latest_applied_at = LatestCell(
        "Latest application", template_name="jobs/cells/latest.html", unit="datetime", nulls_last=True, initial_sort_descending=True
    )
    openings_left = TemplateCell(
        "Left", template_name="jobs/cells/openings.html", unit="count", numeric=True, help_text="Openings left: those that nobody has been hired for"
    )
    days_open = CountColumn("Days", help_text="Days open: since it opened, holds left out", nulls_last=True)
    health = HealthCell("State", template_name="jobs/cells/health.html")
    status = TemplateCell("Status", template_name="jobs/cells/status.html")

    class Meta(BaseTable.Meta):
        model = Job
        fields = ()

    row_header = "title"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cell_context = {"statuses": JobStatus} | self.cell_context


class ApplicationTable(BaseTable):
    """Applications of all jobs."""

    tells = ("stage", "status", "rating", "reason")

    select = SelectColumn()
    candidate = PageColumn("Candidate", page="jobs:application", accessor="candidate__label", sort=(Lower("candidate__label"),))
    job = PageColumn("Job", page="jobs:job", key="job.slug", order_by="job__title", accessor="job__title")
    stage = TextColumn("Stage", accessor="stage__name", order_by=("stage__position", "stage__name"))
    waiting = TemplateCell(
        "In stage", template_name="jobs/cells/waiting.html", accessor="stage_since", order_by="stage_since", unit="datetime", nulls_last=True
    )
    status = TemplateCell("Outcome", template_name="jobs/cells/outcome.html")
    rating = TemplateCell("Rating", template_name="jobs/cells/rating.html", unit="count", initial_sort_descending=True)
    coverage = TemplateCell(
        "Skills met",
        template_name="jobs/cells/coverage.html",
        accessor="skills_met",
        order_by="skills_met",
        sort_with="with_skill_coverage",
        unit="count",
        numeric=True,
    )
    source = TextColumn("Source", accessor="source__name", order_by="source__name", nulls_last=True)
    applied_at = DateTimeColumn("Applied", nulls_last=True, initial_sort_descending=True)

    class Meta(BaseTable.Meta):
        model = Application
        fields = ()

    row_header = "candidate"


class CandidateTable(BaseTable):
    """Everybody who ever applied."""

    label = PageColumn("Candidate", page="jobs:candidate", sort=(Lower("label"),))
    email = TextColumn("Email")
    skills = SkillsCell("candidate_skills", empty_values=())
    application_count = CountColumn("Applications", order_by="application_count", sort_with="for_table")
    active_count = CountColumn("Active", order_by="active_count", sort_with="for_table")
    latest_job = TextColumn("Latest application for", orderable=False)
    latest_applied_at = DateTimeColumn("Applied", order_by="latest_applied_at", sort_with="for_table", nulls_last=True, initial_sort_descending=True)

    class Meta(BaseTable.Meta):
        model = Candidate
        fields = ()

    row_header = "label"
