"""How applications come in: for jobs that are there, at the stage where they stand, on the pipeline of their job."""

from dashboard.importing import ImportFailedError
from dashboard.importing.kinds import Choice, Moment, Text
from dashboard.importing.stage import Stage
from dashboard.imports import Counts, Entity, Field

from .keys import job_slug
from .models import Application, ApplicationStatus, Candidate, Job, Pipeline, RejectionReason, StageKind
from .models import Stage as PipelineStage

NOT_STATED = "Not stated"
MISSING = ("job", "candidate")
UNKNOWN = "EXISTS (SELECT FROM import_people p WHERE p.line = s.line AND p.candidate_id IS NULL)"


# --- Pipelines -------------------------------------------------------------------------------------------------------
def pipeline_of(stage: Stage) -> int:
    """Return the id of the pipeline that new jobs get: the map's, made with its stages when missing, or else the default one."""
    wanted = stage.plan.options.get("pipeline")
    if wanted is None:
        default = Pipeline.objects.filter(is_default=True).first()
        if default is None:
            raise ImportFailedError("No pipeline is the default one for new jobs: choose it, or give the map a [pipeline].")
        return default.pk
    name, stages = _pipeline_words(wanted)
    found = Pipeline.objects.filter(name__iexact=name).first()
    if found is None:
        found = Pipeline.objects.create(name=name)
        PipelineStage.objects.bulk_create(
            PipelineStage(pipeline=found, name=item["name"], kind=item["kind"], position=position) for position, item in enumerate(stages)
        )
    there = {word.casefold() for word in found.stages.values_list("name", flat=True)}
    if absent := [item["name"] for item in stages if item["name"].casefold() not in there]:
        raise ImportFailedError(f"The pipeline {found} has no stage {absent[0]}: add it there, or give the map's [pipeline] another name.")
    return found.pk


def _pipeline_words(wanted) -> tuple[str, list[dict]]:
    """Return name and stages of a map's [pipeline]. Raises ImportFailedError when they are not what they should be."""
    shape = 'The map\'s [pipeline] has a name and stages = [{ name = "Screening", kind = "screen" }, …], kinds being ' + ", ".join(StageKind.values)
    if not isinstance(wanted, dict) or set(wanted) - {"name", "stages"} or not wanted.get("name") or not isinstance(wanted["name"], str):
        raise ImportFailedError(f"{shape}.")
    stages = wanted.get("stages", [])
    good = isinstance(stages, list) and all(isinstance(item, dict) and set(item) == {"name", "kind"} for item in stages)
    if not good or not all(item["name"] and isinstance(item["name"], str) and item["kind"] in StageKind.values for item in stages):
        raise ImportFailedError(f"{shape}.")
    return wanted["name"], stages


def _create_missing(stage: Stage) -> frozenset[str]:
    """Return which parents the map lets be created. Raises ImportFailedError for words it cannot mean."""
    wanted = stage.plan.options.get("create_missing", [])
    if not isinstance(wanted, list) or not set(wanted) <= set(MISSING):
        raise ImportFailedError('The map\'s create_missing is a list of "job" and "candidate".')
    return frozenset(wanted)


# --- Applications ----------------------------------------------------------------------------------------------------
def find_candidates(stage: Stage) -> None:
    """Put into import_people which candidate each row means, by key or else by email, as far as they are there.

    A row that names nobody means a candidate of its own, known by the application's key.
    """
    stage.run("DROP TABLE IF EXISTS pg_temp.import_people")
    stage.run(
        """
        CREATE TEMPORARY TABLE import_people ON COMMIT DROP AS
        SELECT s.line, coalesce(k.id, e.id) AS candidate_id, coalesce('#' || coalesce(k.id, e.id), lower(s.candidate)) AS person FROM import_stage s
        LEFT JOIN jobs_candidate k ON k.key = coalesce(s.candidate, s.key)
        LEFT JOIN jobs_candidate e ON lower(e.email) = lower(s.candidate) AND e.email <> '' AND e.anonymised_at IS NULL AND e.merged_into_id IS NULL
        """
    )
    stage.run("CREATE INDEX ON import_people (line)")
    stage.run("ANALYZE import_people")


def check_applications(stage: Stage) -> None:
    """Job and candidate are there or may be created, the stage is one of the job's pipeline, and nobody is active twice for a job."""
    missing = _create_missing(stage)
    pipeline = pipeline_of(stage)
    stage.refuse_differing_repeats("key", stage.fields)
    find_candidates(stage)
    if "job" not in missing:
        stage.refuse("job", "s.job IS NOT NULL AND NOT EXISTS (SELECT FROM jobs_job j WHERE j.key = s.job)", "'no job has this key'")
    if "candidate" not in missing:
        stage.refuse("candidate", f"s.candidate IS NOT NULL AND {UNKNOWN}", "'no candidate has this key or email'")
    else:
        stage.refuse("candidate", "length(s.candidate) > 80", "'is too long for a key'")
    strange = """s.stage IS NOT NULL AND s.job IS NOT NULL AND NOT EXISTS (SELECT FROM jobs_stage g WHERE lower(g.name) = lower(s.stage)
        AND g.pipeline_id = coalesce((SELECT j.pipeline_id FROM jobs_job j WHERE j.key = s.job), %s))"""
    stage.refuse("stage", strange, "'is no stage of the job''s pipeline (a map can make one: [pipeline])'", [pipeline])
    stage.refuse("closed_at", "s.closed_at < s.applied_at", "'is earlier than the application'")
    stage.refuse("closed_at", "s.closed_at IS NOT NULL AND coalesce(s.outcome, 'active') = 'active'", "'an active application is not closed'")
    twice = """coalesce(s.outcome, 'active') = 'active' AND EXISTS (
        SELECT FROM import_people p JOIN import_people q ON q.person = p.person JOIN import_stage o ON o.line = q.line
        WHERE p.line = s.line AND o.line < s.line AND o.job = s.job AND o.key <> s.key AND coalesce(o.outcome, 'active') = 'active')"""
    stage.refuse("candidate", twice, "'has an active application for this job in an earlier row'")
    already = """coalesce(s.outcome, 'active') = 'active' AND EXISTS (
        SELECT FROM import_people p JOIN jobs_application a ON a.candidate_id = p.candidate_id JOIN jobs_job j ON j.id = a.job_id
        WHERE p.line = s.line AND j.key = s.job AND a.status = 'active' AND a.key <> s.key)"""
    stage.refuse("candidate", already, "'has another active application for this job'")


def make_parents(stage: Stage, counts: Counts, pipeline: int) -> None:
    """Create the sources, jobs and candidates that applications name and that are missing."""
    counts.also["sources created"] = stage.run(
        """
        INSERT INTO jobs_source (name, kind, cost) SELECT DISTINCT ON (lower(s.source)) s.source, 'other', 0 FROM import_stage s
        WHERE s.problems IS NULL AND s.source IS NOT NULL AND NOT EXISTS (SELECT FROM jobs_source o WHERE lower(o.name) = lower(s.source))
        ORDER BY lower(s.source), s.line
        """
    )
    absent = stage.rows(
        """
        SELECT DISTINCT s.job FROM import_stage s
        WHERE s.problems IS NULL AND NOT EXISTS (SELECT FROM jobs_job j WHERE j.key = s.job) ORDER BY s.job
        """
    )
    titles = ((key, f"Job {key}") for (key,) in absent)
    Job.objects.bulk_create((Job(key=key, title=title, slug=job_slug(title, key), pipeline_id=pipeline) for key, title in titles), batch_size=1000)
    counts.also["jobs created"] = len(absent)
    email = "CASE WHEN strpos(s.candidate, '@') > 1 THEN s.candidate ELSE '' END"
    columns = {"key": "coalesce(s.candidate, s.key)", "email": email}
    counts.also["candidates created"], _ = stage.upsert(Candidate, "key", columns, f"import_stage s WHERE s.problems IS NULL AND {UNKNOWN}")
    find_candidates(stage)


# What each staged application comes to, beside what it is now (a). Dates that the file lacks stay as they are; a move gets today's.
RESOLVE = """
    CREATE TEMPORARY TABLE import_applications ON COMMIT DROP AS
    SELECT DISTINCT ON (s.key) s.key, j.id AS job_id, p.candidate_id, g.id AS stage_id, a.stage_id AS old_stage_id,
        now_so.status, now_so.applied_at, o.id AS source_id,
        CASE WHEN now_so.applied_at IS NULL THEN NULL WHEN a.stage_id <> g.id THEN greatest(now(), now_so.applied_at)
            ELSE greatest(a.stage_since, now_so.applied_at) END AS stage_since,
        CASE WHEN now_so.status <> 'active' THEN coalesce(s.closed_at, a.closed_at, now_so.applied_at) END AS closed_at,
        CASE WHEN now_so.status = 'rejected' THEN coalesce(a.reason_id, %s) WHEN now_so.status = 'withdrawn' THEN a.reason_id END AS reason_id
    FROM import_stage s JOIN import_people p ON p.line = s.line JOIN jobs_job j ON j.key = s.job LEFT JOIN jobs_application a ON a.key = s.key
    CROSS JOIN LATERAL (
        SELECT CASE WHEN %s THEN coalesce(s.outcome, 'active') ELSE coalesce(a.status, 'active') END AS status,
            CASE WHEN %s THEN s.applied_at ELSE a.applied_at END AS applied_at
    ) now_so
    JOIN LATERAL (
        SELECT g.id FROM jobs_stage g WHERE g.pipeline_id = j.pipeline_id AND (lower(g.name) = lower(s.stage) OR s.stage IS NULL)
        ORDER BY s.stage IS NULL AND g.id = a.stage_id DESC, g.position LIMIT 1
    ) g ON true
    LEFT JOIN jobs_source o ON lower(o.name) = lower(s.source)
    WHERE s.problems IS NULL ORDER BY s.key, s.line
"""


def apply_applications(stage: Stage) -> Counts:
    """Create and update applications at their stages, log what moved, and count the hires of their jobs anew.

    A dated application gets one entry in the log, at the stage it stands at: the way it took there is not in the file. Those
    without any date get none, as everywhere. Openings grow where a job has more hires than openings.
    """
    counts = Counts()
    make_parents(stage, counts, pipeline_of(stage))
    reason, _ = RejectionReason.objects.get_or_create(name=NOT_STATED)
    stage.run("DROP TABLE IF EXISTS pg_temp.import_applications")
    stage.run(RESOLVE, [reason.pk, "outcome" in stage.given, "applied_at" in stage.given])
    columns = {name: f"s.{name}" for name in ("key", "job_id", "candidate_id", "stage_id", "status", "applied_at", "stage_since", "reason_id")}
    # A rejection closes no earlier than its stage began; both are the file's own dates.
    columns["closed_at"] = "greatest(s.closed_at, CASE WHEN s.closed_at IS NOT NULL THEN s.stage_since END)"
    columns["hired_at"] = f"CASE WHEN s.status = 'hired' THEN {columns['closed_at']} END"
    if "source" in stage.given:
        columns["source_id"] = "s.source_id"
    counts.created, counts.updated = stage.upsert(Application, "key", columns, "import_applications s")
    stage.run(
        """
        INSERT INTO jobs_stageevent (application_id, from_stage_id, to_stage_id, at, note)
        SELECT a.id, s.old_stage_id, a.stage_id, a.stage_since, 'imported' FROM import_applications s JOIN jobs_application a ON a.key = s.key
        WHERE a.stage_since IS NOT NULL AND (s.old_stage_id <> a.stage_id OR NOT EXISTS (SELECT FROM jobs_stageevent e WHERE e.application_id = a.id))
        """
    )
    stage.run(
        """
        UPDATE jobs_job j SET hired_count = hires.number, openings = greatest(j.openings, hires.number)
        FROM (SELECT a.job_id, count(*) FILTER (WHERE a.status = 'hired') AS number FROM jobs_application a
            WHERE a.job_id IN (SELECT job_id FROM import_applications) GROUP BY a.job_id) hires
        WHERE hires.job_id = j.id AND j.hired_count <> hires.number
        """
    )
    if undated := stage.one(
        """
        SELECT count(*) FROM import_applications s JOIN import_stage r ON r.key = s.key
        WHERE s.status <> 'active' AND r.closed_at IS NULL AND r.applied_at IS NOT NULL
        """
    ):
        counts.notes.append(f"{undated:,} applications have an outcome but no closed_at: they count as closed on the day they were made.")
    return counts


APPLICATIONS = Entity(
    "applications",
    (
        Field("key", Text(80), required=True, synonyms=("application_id", "application_key", "id")),
        Field("job", Text(80), required=True, synonyms=("job_id", "job_key")),
        Field("candidate", Text(254), synonyms=("candidate_id", "candidate_key", "candidate_email")),
        Field("stage", Text(80), synonyms=("application_stage",)),
        Field("outcome", Choice(tuple(ApplicationStatus.choices)), synonyms=("status",)),
        Field("source", Text(100)),
        Field("applied_at", Moment(), synonyms=("application_date",)),
        Field("closed_at", Moment()),
    ),
    check_applications,
    apply_applications,
    options=("pipeline", "create_missing"),
)
