"""The project package is also the app for everything both audiences share."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Shared models: sign-in links, change sets, API tokens."""

    name = "dashboard"
    verbose_name = "Tallyboard"
