"""The hiring side of the sample company: jobs, people and stage histories, the same for the same seed and moment."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from . import demo_postings as words
from .keys import job_slug
from .models import (
    Application,
    ApplicationStatus,
    Candidate,
    CandidateSkill,
    Job,
    JobHold,
    JobSkill,
    JobStatus,
    Note,
    Pipeline,
    RejectionReason,
    Skill,
    SkillAlias,
    Source,
    Stage,
    StageEvent,
    StageKind,
)

COPIES = {"S": 1, "M": 8, "L": 40, "XL": 40}  # how many shops look for the same people
DAY = timedelta(days=1)
# Chance to go on from a stage, and the longest somebody usually stays in it, in days.
GOES_ON = {StageKind.APPLIED: (0.62, 4), StageKind.SCREEN: (0.5, 9), StageKind.INTERVIEW: (0.35, 14), StageKind.OFFER: (0.6, 8)}
QUIET = 0.13  # of those who do not go on: still waiting, not rejected


def build(*, size: str, seed: int, now: datetime) -> None:
    """Make jobs with their applications in an empty database; `size` is one of COPIES, `now` the moment the histories end at."""
    dice = random.Random(seed)  # noqa: S311  reproducible, not secret
    pipeline = Pipeline.objects.get(is_default=True)
    stages = list(pipeline.stages.order_by("position"))
    skills = make_skills()
    people = People(dice, skills)
    for copy in range(COPIES[size]):
        for number, posting in enumerate(words.POSTINGS):
            job = make_job(posting, f"demo-{copy:02}-{number:02}", pipeline, skills, dice, now)
            if posting.status != JobStatus.DRAFT:
                Applications(job, posting, stages, people, dice, now).make()


def make_skills() -> dict[str, Skill]:
    """Every skill the postings name, with a few other names."""
    names = sorted({name for posting in words.POSTINGS for name in posting.skills})
    skills = {skill.name: skill for skill in Skill.objects.bulk_create(Skill(name=name) for name in names)}
    SkillAlias.objects.bulk_create(SkillAlias(alias=alias, skill=skills[name]) for alias, name in words.ALIASES)
    return skills


def make_job(posting, key: str, pipeline, skills, dice, now) -> Job:
    """One posting as a job, with its skills, and its hold while it is paused."""
    opened = now - posting.age * DAY - timedelta(hours=dice.randint(0, 9)) if posting.status != JobStatus.DRAFT else None
    closed = now - 12 * DAY if posting.status == JobStatus.CLOSED else None
    low, high = posting.pay or (None, None)
    remote = posting.workplace == "remote"
    job = Job.objects.create(
        key=key,
        slug=job_slug(posting.title, key),
        title=posting.title,
        department=posting.department,
        pipeline=pipeline,
        status=posting.status,
        employment_type=list(posting.employment),
        workplace=posting.workplace,
        city=posting.city,
        country="" if remote else posting.country,
        remote_countries=[posting.country] if remote else [],
        openings=posting.openings,
        salary_min=low and Decimal(low),
        salary_max=high and Decimal(high),
        salary_currency="EUR" if low else "",
        salary_period="year" if low else "",
        description=words.DESCRIPTION.format(duty=posting.duty, skills=", ".join(posting.skills)),
        opened_at=opened,
        published_at=opened,
        closed_at=closed,
        created_at=opened or now - 2 * DAY,
    )
    JobSkill.objects.bulk_create(
        JobSkill(job=job, skill=skills[name], required=place < 3, min_level=3 if place else 4)  # noqa: PLR2004  the first three
        for place, name in enumerate(posting.skills)
    )
    if posting.status == JobStatus.PAUSED:
        JobHold.objects.create(job=job, period=(now - 6 * DAY, None), reason="Budget under review")
    return job


class People:
    """Invented candidates with addresses at example.com; some come back for another job."""

    def __init__(self, dice, skills):
        self.dice = dice
        self.skills = list(skills.values())
        self.known: list[Candidate] = []

    def someone(self, posting) -> Candidate:
        """A new candidate who fits the posting more or less, or now and then one from before."""
        if self.known and self.dice.random() < 0.12:  # noqa: PLR2004  about every eighth
            return self.dice.choice(self.known)
        first = self.dice.choice(words.FIRST_NAMES)
        last = self.dice.choice(words.FIRST_SYLLABLES) + self.dice.choice(words.LAST_SYLLABLES)
        number = len(self.known) + 1
        candidate = Candidate.objects.create(
            key=f"demo-{number}",
            full_name=f"{first} {last}",
            email=f"{first}.{last}.{number}@example.com".lower(),
            phone=f"+3197{self.dice.randint(1_000_000, 9_999_999)}" if self.dice.random() < 0.7 else "",  # noqa: PLR2004
        )
        fitting = [skill for skill in self.skills if skill.name in posting.skills and self.dice.random() < 0.65]  # noqa: PLR2004
        others = [skill for skill in self.dice.sample(self.skills, 2) if skill not in fitting]
        CandidateSkill.objects.bulk_create(
            CandidateSkill(candidate=candidate, skill=skill, level=self.dice.randint(2, 5), verified=self.dice.random() < 0.2)  # noqa: PLR2004
            for skill in [*fitting, *others]
        )
        self.known.append(candidate)
        return candidate


class Applications:
    """The applications for one job, each led through the stages until it was hired, rejected, forgotten or today."""

    def __init__(self, job, posting, stages, people, dice, now):
        self.job, self.posting, self.stages, self.people, self.dice = job, posting, stages, people, dice
        self.end = job.closed_at or now
        self.hired = 0
        self.sources = list(Source.objects.order_by("pk"))
        self.reasons = {side: list(RejectionReason.objects.filter(side=side).order_by("pk")) for side in ("company", "candidate")}

    def make(self):
        """Make them all, the earliest first, so that the earliest get the openings."""
        days = (self.end - self.job.opened_at) / DAY
        number = round(self.posting.weekly * days / 7)
        # The fields thin out with age: most people apply in the first weeks.
        moments = sorted(self.job.opened_at + days * self.dice.random() ** 1.3 * DAY for _ in range(number))
        applied: set[int] = set()
        for moment in moments:
            candidate = self.people.someone(self.posting)
            if candidate.pk not in applied:
                applied.add(candidate.pk)
                self.one(candidate, moment)
        Job.objects.filter(pk=self.job.pk).update(hired_count=self.hired)

    def one(self, candidate, applied_at):
        """One application and its history."""
        visits = [(self.stages[0], applied_at)]
        goes_on = True
        while goes_on and len(visits) < len(self.stages):
            goes_on, moment = self.next_move(*visits[-1])
            if goes_on:
                visits.append((self.stages[len(visits)], moment))
        application = Application.objects.create(
            key=f"{self.job.key}-{candidate.key}",
            job=self.job,
            candidate=candidate,
            stage=visits[-1][0],
            source=self.dice.choices(self.sources, weights=[8, 6, 3, 1, 2, 1])[0],
            applied_at=applied_at,
            stage_since=visits[-1][1],
            rating=self.dice.choices(range(6), weights=[3, 1, 2, 4, 4, 2])[0] if len(visits) > 1 else 0,
            cover_letter=words.LETTER.format(duty=self.posting.duty, years=self.dice.randint(2, 9), team=self.dice.randint(3, 14)),
            **self.outcome(*visits[-1]),
        )
        StageEvent.objects.bulk_create(
            StageEvent(application=application, from_stage=visits[place - 1][0] if place else None, to_stage=stage, at=at)
            for place, (stage, at) in enumerate(visits)
        )
        if len(visits) > 1 and self.dice.random() < 0.3:  # noqa: PLR2004
            Note.objects.create(application=application, body=self.dice.choice(words.NOTES), at=min(visits[-1][1] + DAY, self.end))

    def next_move(self, stage: Stage, since: datetime) -> tuple[bool, datetime]:
        """Whether, and when, somebody goes on from a stage; into the last one only while there is an opening."""
        chance, longest = GOES_ON[StageKind(stage.kind)]
        moment = since + self.dice.uniform(0.3, longest) * DAY
        full = stage == self.stages[-2] and self.hired >= self.job.openings
        return self.dice.random() < chance and moment < self.end and not full, moment

    def outcome(self, stage: Stage, since: datetime) -> dict:
        """How the application stands: hired at the end, otherwise active while it is fresh or forgotten, else closed."""
        if stage == self.stages[-1]:
            self.hired += 1
            return {"status": ApplicationStatus.HIRED, "hired_at": since, "closed_at": since}
        closing = since + self.dice.uniform(0.5, 8) * DAY
        waits = closing >= self.end or self.dice.random() < QUIET
        if waits and self.job.status != JobStatus.CLOSED:
            return {"status": ApplicationStatus.ACTIVE}
        closed_at = min(closing, self.end)
        if self.dice.random() < 0.12:  # noqa: PLR2004  about every eighth takes the application back
            return {"status": ApplicationStatus.WITHDRAWN, "closed_at": closed_at}
        side = "candidate" if self.dice.random() < 0.2 else "company"  # noqa: PLR2004
        return {"status": ApplicationStatus.REJECTED, "closed_at": closed_at, "reason": self.dice.choice(self.reasons[side])}
