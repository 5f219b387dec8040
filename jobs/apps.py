"""Jobs: openings, candidates, applications and the public job board."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The recruiters' side of the company."""

    name = "jobs"
    verbose_name = "Jobs"
    invariants = ("jobs.pipeline.problems",)

    def ready(self):
        """Tell undo how this side takes back what must not simply be deleted."""
        from dashboard import undo  # noqa: PLC0415 - models are loaded only now

        from . import undo as hiring_undo  # noqa: PLC0415

        undo.INVERSES.update(hiring_undo.INVERSES)
