"""The import entities of hiring: jobs and candidates with their skills. Applications and pipelines are in import_applications.py."""

from dashboard.importing.kinds import Choice, Email, Moment, Number, Text, WordList
from dashboard.importing.stage import Stage
from dashboard.imports import Counts, Entity, Field, register

from . import import_applications
from .keys import job_slug
from .models import Candidate, EmploymentType, Job, SalaryPeriod, Workplace
from .validators import CURRENCY_PATTERN, PHONE_PATTERN, validate_currency, validate_phone

KEY = Text(80)


# --- Jobs ------------------------------------------------------------------------------------------------------------
def check_jobs(stage: Stage) -> None:
    """A salary is a whole statement, a place of work has a country, a posting closes after it was published.

    A row without a key gets one made of what it says and of how often the file said so before: the same file makes the same keys.
    """
    said = ", ".join(f"s.{name}" for name in stage.fields if name != "key")
    stage.run(
        f"""
        UPDATE import_stage s SET key = made.key || CASE WHEN made.number > 1 THEN '-' || made.number ELSE '' END
        FROM (
            SELECT line, digest AS key, row_number() OVER (PARTITION BY digest ORDER BY line) AS number
            FROM (SELECT line, left(encode(sha256(convert_to(({said})::text, 'UTF8')), 'hex'), 16) AS digest
                FROM import_stage s WHERE key IS NULL AND problems IS NULL) digests
        ) made WHERE made.line = s.line
        """  # noqa: S608 - names of fields
    )
    stage.refuse_differing_repeats("key", stage.fields)
    one_end = "(s.salary_min IS NULL) <> (s.salary_max IS NULL)"
    stage.refuse("salary_min", one_end, "'a salary has both ends, or none (a map may read both from one column)'")
    stage.refuse("salary_max", "s.salary_max < s.salary_min", "'is below the lower end'")
    stage.refuse("salary_currency", "s.salary_min IS NOT NULL AND s.salary_currency IS NULL", "'a salary has a currency'")
    stage.refuse(
        "salary_period", "s.salary_min IS NOT NULL AND s.salary_period IS NULL", "'a salary is for an hour, a day, a week, a month or a year'"
    )
    stage.refuse("country", "s.workplace IN ('onsite', 'hybrid') AND s.country IS NULL", "'a job on site or hybrid names its country'")
    stage.refuse("closes_at", "s.closes_at <= s.posted_at", "'is not later than the day of posting'")


JOB_COLUMNS = {
    "title": ("title", "s.title"),
    "department": ("department", "coalesce(s.department, '')"),
    "city": ("city", "coalesce(s.city, '')"),
    "region": ("region", "coalesce(s.region, '')"),
    "country": ("country", "coalesce(s.country, '')"),
    "workplace": ("workplace", "coalesce(s.workplace, '')"),
    "employment_type": ("employment_type", "coalesce(s.employment_type, '{}')"),
    "posted_at": ("published_at", "s.posted_at"),
    "closes_at": ("closes_at", "s.closes_at"),
    "salary_min": ("salary_min", "s.salary_min"),
    "salary_max": ("salary_max", "s.salary_max"),
    "salary_currency": ("salary_currency", "CASE WHEN s.salary_min IS NULL THEN '' ELSE s.salary_currency END"),
    "salary_period": ("salary_period", "CASE WHEN s.salary_min IS NULL THEN '' ELSE s.salary_period END"),
    "source": ("source", "coalesce(s.source, '')"),
    "description": ("description", "coalesce(s.description, '')"),
}
# A posting without a date was never published; one whose last day is over is closed. Afterwards the status is the recruiters'.
NEW_JOB_COLUMNS = {
    "slug": "coalesce(a.slug, j.slug)",
    "status": "CASE WHEN s.posted_at IS NULL THEN 'draft' WHEN s.closes_at <= now() THEN 'closed' ELSE 'open' END",
    "opened_at": "s.posted_at",
    "closed_at": "CASE WHEN s.posted_at IS NOT NULL AND s.closes_at <= now() THEN s.closes_at END",
}
REMOTE_COUNTRIES = """CASE WHEN s.workplace = 'remote' AND coalesce(cardinality(j.remote_countries), 0) = 0
    THEN ARRAY[coalesce(s.country, 'Worldwide')] ELSE coalesce(j.remote_countries, '{}') END"""


def apply_jobs(stage: Stage) -> Counts:
    """Create and update jobs, give new ones their address, and bring their skills to the file's list."""
    make_addresses(stage)
    columns = {"key": "s.key", **stage.columns(JOB_COLUMNS)}
    if "workplace" in stage.given:
        columns["remote_countries"] = REMOTE_COUNTRIES
    once = {name: sql for name, sql in NEW_JOB_COLUMNS.items() if name not in columns}
    once["pipeline_id"] = str(import_applications.pipeline_of(stage))
    source = "import_stage s LEFT JOIN jobs_job j ON j.key = s.key LEFT JOIN import_addresses a ON a.key = s.key WHERE s.problems IS NULL"
    counts = Counts(*stage.upsert(Job, "key", columns, source, once=once))
    write_skills(stage, counts, "job")
    return counts


def make_addresses(stage: Stage) -> None:
    """Put the addresses of the jobs that are new into import_addresses; only Python knows how a title is written in plain letters."""
    stage.run("DROP TABLE IF EXISTS pg_temp.import_addresses")
    stage.run("CREATE TEMPORARY TABLE import_addresses (key text PRIMARY KEY, slug text) ON COMMIT DROP")
    new = stage.rows(
        """
        SELECT DISTINCT ON (s.key) s.key, s.title FROM import_stage s
        WHERE s.problems IS NULL AND NOT EXISTS (SELECT FROM jobs_job j WHERE j.key = s.key)
        """
    )
    stage.fill("import_addresses", ((key, job_slug(title, key)) for key, title in new))


# --- Skills of jobs and candidates -----------------------------------------------------------------------------------
def write_skills(stage: Stage, counts: Counts, owner: str) -> None:
    """Create the skills that are nowhere known, by name or by another name, and bring each owner's skills to the file's list."""
    if "skills" not in stage.given:
        return
    stage.run("DROP TABLE IF EXISTS pg_temp.import_words")
    stage.run(
        """
        CREATE TEMPORARY TABLE import_words ON COMMIT DROP AS
        SELECT s.line, s.key, lower(w.word) AS lowered, w.word FROM import_stage s, unnest(s.skills) AS w (word) WHERE s.problems IS NULL
        """
    )
    counts.also["skills created"] = stage.run(
        """
        INSERT INTO jobs_skill (name) SELECT DISTINCT ON (lowered) word FROM import_words w
        WHERE NOT EXISTS (SELECT FROM jobs_skill k WHERE lower(k.name) = w.lowered)
        AND NOT EXISTS (SELECT FROM jobs_skillalias a WHERE lower(a.alias) = w.lowered) ORDER BY lowered, line
        """
    )
    stage.run("DROP TABLE IF EXISTS pg_temp.import_skills")
    stage.run(
        f"""
        CREATE TEMPORARY TABLE import_skills ON COMMIT DROP AS
        SELECT DISTINCT o.id AS owner_id, coalesce(k.id, a.skill_id) AS skill_id FROM import_words w JOIN jobs_{owner} o ON o.key = w.key
        LEFT JOIN jobs_skill k ON lower(k.name) = w.lowered LEFT JOIN jobs_skillalias a ON lower(a.alias) = w.lowered
        """  # noqa: S608 - constants
    )
    # In one transaction the planner knows nothing of the rows just written; indexes keep every plan it may choose quick.
    stage.run("CREATE INDEX ON import_skills (owner_id, skill_id)")
    stage.run("ANALYZE import_skills")
    stage.run(f"ANALYZE jobs_{owner}, jobs_{owner}skill")
    counts.also[f"skills taken off {owner}s"] = stage.run(
        f"""
        DELETE FROM jobs_{owner}skill l USING jobs_{owner} o WHERE l.{owner}_id = o.id
        AND EXISTS (SELECT FROM import_stage s WHERE s.key = o.key AND s.problems IS NULL)
        AND NOT EXISTS (SELECT FROM import_skills i WHERE i.owner_id = l.{owner}_id AND i.skill_id = l.skill_id)
        """  # noqa: S608 - constants
    )
    further = {"job": ("required, min_level", "true, 3"), "candidate": ("level, source, verified", "3, 'self', false")}[owner]
    counts.also[f"skills put on {owner}s"] = stage.run(
        f"""
        INSERT INTO jobs_{owner}skill ({owner}_id, skill_id, {further[0]}) SELECT i.owner_id, i.skill_id, {further[1]} FROM import_skills i
        WHERE NOT EXISTS (SELECT FROM jobs_{owner}skill l WHERE l.{owner}_id = i.owner_id AND l.skill_id = i.skill_id)
        ORDER BY i.owner_id, i.skill_id
        """  # noqa: S608 - constants
    )


JOBS = Entity(
    "jobs",
    (
        Field("key", KEY, synonyms=("job_id", "job_key", "id")),
        Field("title", Text(200), required=True, synonyms=("job_title",)),
        Field("department", Text(100)),
        Field("city", Text(100)),
        Field("region", Text(100)),
        Field("country", Text(60), synonyms=("job_country",)),
        Field("workplace", Choice(tuple(Workplace.choices))),
        Field("employment_type", WordList(choices=tuple(EmploymentType.choices))),
        Field("posted_at", Moment(), synonyms=("published_at", "job_posted_date", "date_posted")),
        Field("closes_at", Moment(), synonyms=("valid_through",)),
        Field("salary_min", Number(above=0)),
        Field("salary_max", Number(above=0)),
        Field("salary_currency", Text(3, CURRENCY_PATTERN, "is no currency: " + validate_currency.message)),
        Field("salary_period", Choice(tuple(SalaryPeriod.choices))),
        Field("skills", WordList(), synonyms=("job_skills",)),
        Field("source", Text(100)),
        Field("description", Text(), synonyms=("job_description",)),
    ),
    check_jobs,
    apply_jobs,
    options=("pipeline",),
)


# --- Candidates ------------------------------------------------------------------------------------------------------
def check_candidates(stage: Stage) -> None:
    """A candidate is known by email or key, one email belongs to one candidate, and who was erased does not come back."""
    known = "SELECT {} FROM jobs_candidate c WHERE lower(c.email) = lower(s.email) AND c.anonymised_at IS NULL AND c.merged_into_id IS NULL"
    stage.refuse("key", "s.key IS NULL AND s.email IS NULL AND s.problems IS NULL", "'neither an email nor a key'")
    digest = "'c' || left(encode(sha256(convert_to(lower(s.email), 'UTF8')), 'hex'), 16)"
    stage.run(f"UPDATE import_stage s SET key = coalesce(({known.format('c.key')}), {digest}) WHERE s.key IS NULL AND s.email IS NOT NULL")  # noqa: S608
    stage.refuse_differing_repeats("key", stage.fields)
    stage.refuse("email", f"EXISTS ({known.format('')} AND c.key <> s.key)", "'belongs to another candidate'")
    shared = "EXISTS (SELECT FROM import_stage o WHERE lower(o.email) = lower(s.email) AND o.key <> s.key AND o.line < s.line)"
    stage.refuse("email", shared, "'stands under another key in an earlier row'")
    erased = "EXISTS (SELECT FROM jobs_candidate c WHERE c.key = s.key AND (c.anonymised_at IS NOT NULL OR c.merged_into_id IS NOT NULL))"
    stage.refuse("key", erased, "'this candidate was erased, or merged into another'")


def apply_candidates(stage: Stage) -> Counts:
    """Create and update candidates and bring their skills to the file's list."""
    columns = stage.columns(
        {
            "email": ("email", "coalesce(s.email, '')"),
            "full_name": ("full_name", "coalesce(s.full_name, '')"),
            "phone": ("phone", "coalesce(s.phone, '')"),
        },
    )
    counts = Counts(*stage.upsert(Candidate, "key", {"key": "s.key", **columns}, "import_stage s WHERE s.problems IS NULL"))
    write_skills(stage, counts, "candidate")
    return counts


CANDIDATES = Entity(
    "candidates",
    (
        Field("key", KEY, synonyms=("candidate_id", "candidate_key", "id")),
        Field("email", Email(254), synonyms=("email_address",)),
        Field("full_name", Text(200), synonyms=("name", "candidate_name")),
        Field("phone", Text(16, PHONE_PATTERN, "is not a phone number: " + validate_phone.message), synonyms=("phone_number",)),
        Field("skills", WordList()),
    ),
    check_candidates,
    apply_candidates,
    needs=(("email", "key"),),
)

register(JOBS, CANDIDATES, import_applications.APPLICATIONS)
