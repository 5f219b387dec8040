"""Jobs: openings, candidates, applications and the public job board."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The recruiters' side of the company."""

    name = "jobs"
    verbose_name = "Jobs"
