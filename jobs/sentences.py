"""The state of a hiring list in words: its title on the page, in exports and in the browser's history."""

from .models import QUIET_DAYS, JobStatus


def joined(words: list[str], last: str = "and") -> str:
    """Words as a list in a sentence: a; a and b; a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def with_rest(sentence: str, filterset, told: set[str]) -> str:
    """The sentence with every other condition behind it, so that nothing that is set goes unsaid."""
    labels = {filterset.form.fields[name].label for name in told}
    rest = [f"{chip.label.lower()}: {chip.value}" for chip in filterset.chips() if chip.label not in labels]
    return ", ".join([sentence, *rest])


def sentence_of_jobs(filterset) -> str:
    """As in: Open jobs in Platform, with applications, asking for Python and SQL."""
    if not filterset.is_valid():
        return "Jobs"
    asked = filterset.form.cleaned_data
    statuses = joined([JobStatus(status).label for status in asked["status"]], "or")
    sentence = f"{statuses.capitalize()} jobs" if statuses else "All jobs"
    place = ", ".join(filter(None, [asked["city"], asked["country"]]))
    sentence += f" in {asked['department']}" if asked["department"] else ""
    sentence += f" in {place}" if place else ""
    days = int(asked["quiet_days"] or QUIET_DAYS)
    quiet = f", with no application in {days} days"
    by_applications = {"with": ", with applications", "without": ", without applications", "quiet": quiet}
    sentence += by_applications.get(asked["applications"], quiet if asked["quiet_days"] else "")
    if asked["skill"]:
        sentence += f", asking for {joined(asked['skill'], 'and' if asked['skills'] == 'all' else 'or')}"
    if asked["without_skill"]:
        sentence += f", without {joined(asked['without_skill'], 'or')}"
    sentence += ", naming no skill" if asked["no_skills"] else ""
    told = {"status", "city", "country", "department", "applications", "quiet_days", "skill", "skills", "without_skill", "no_skills"}
    return with_rest(sentence, filterset, told)


def sentence_of_applications(filterset) -> str:
    """As in: Applications for Data analyst, outcome: Active."""
    if not filterset.is_valid():
        return "Applications"
    job = filterset.form.cleaned_data["job"]
    return with_rest(f"Applications for {job.title}" if job else "Applications", filterset, {"job"})


def sentence_of_candidates(filterset) -> str:
    """As in: Candidates, skill: Python."""
    return with_rest("Candidates", filterset, set()) if filterset.is_valid() else "Candidates"
