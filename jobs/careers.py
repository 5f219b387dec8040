"""The public job board: open jobs with facets, and one page for each. Everything here starts from `Job.objects.published`."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.filters import cleaned_query
from dashboard.listing import is_fragment

from .filters import CareersFilter
from .models import EmploymentType, Job, JobSkill, JobStatus, Skill, Workplace

JOBS_A_PAGE = 25
FACET_LENGTH = 12
SIMILAR = 5


@require_safe
def jobs(request):
    """All jobs that are open to the public, narrowed down by what the visitor asks for."""
    published = Job.objects.published(timezone.now())
    filterset = CareersFilter(request.GET, queryset=published, request=request)
    rows = filterset.rows.defer("search", "description").prefetch_related("skills").order_by("-published_at", "-pk")
    page = Paginator(rows, JOBS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": "Open jobs",
        "filter": filterset,
        "page_obj": page,
        "paginator": page.paginator,
        "chips": filterset.chips(),
        "facets": facets(request, published) if filterset.is_valid() else [],
    }
    if not is_fragment(request):
        return render(request, "careers/jobs.html", context)
    response = render(request, "careers/jobs.html#results", context)
    query = cleaned_query(request.GET)
    response["HX-Push-Url"] = f"{request.path}?{query.urlencode()}" if query else request.path
    return response


def facets(request, published) -> list[dict]:
    """The quick choices: each value with its number of jobs under all other conditions."""

    def rows_without(word):
        query = cleaned_query(request.GET, without=frozenset({word, "page"}))
        return CareersFilter(query, queryset=published).rows

    workplaces = rows_without("workplace").aggregate(**{value: Count("pk", filter=Q(workplace=value)) for value in Workplace.values})
    employment = rows_without("employment_type")
    types = employment.aggregate(**{value: Count("pk", filter=Q(employment_type__contains=[value])) for value in EmploymentType.values})
    narrowed = CareersFilter(request.GET, queryset=published).rows
    skills = Skill.objects.filter(job_skills__job__in=narrowed.order_by()).annotate(number=Count("job_skills__job")).order_by("-number", "pk")
    counted = [
        ("workplace", [(value, Workplace(value).label, number) for value, number in workplaces.items()]),
        ("employment_type", [(value, EmploymentType(value).label, number) for value, number in types.items()]),
        ("skill", [(skill.name, skill.name, skill.number) for skill in skills[:FACET_LENGTH]]),
    ]
    return [
        {"word": word, "value": value, "label": label, "count": number, "chosen": value in request.GET.getlist(word)}
        for word, values in counted
        for value, label, number in values
        if number
    ]


@require_safe
def job(request, slug):
    """One open job. A job that has closed says so, with similar open ones; anything else does not exist here."""
    now = timezone.now()
    found = Job.objects.defer("search").filter(slug=slug, published_at__lte=now).first()
    if found is None or found.status in {JobStatus.DRAFT, JobStatus.PAUSED}:
        raise Http404
    published = Job.objects.published(now)
    if published.filter(pk=found.pk).exists():
        skills = found.job_skills.select_related("skill")
        return render(request, "careers/job.html", {"job": found, "title": found.title, "skills": skills})
    context = {"job": found, "title": f"{found.title} is closed", "similar": similar_to(found, published)}
    return render(request, "careers/closed.html", context, status=410)


def similar_to(job, published):
    """Open jobs of the same department, or asking for the same skills, the newest first."""
    same = Q(department=job.department) if job.department else Q()
    shared = JobSkill.objects.filter(skill__in=job.job_skills.values("skill")).values("job")
    return published.filter(same | Q(pk__in=shared)).prefetch_related("skills")[:SIMILAR] if same or shared.exists() else published.none()
