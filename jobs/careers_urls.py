"""The addresses of the public job board."""

from django.urls import path

from . import careers

app_name = "careers"
urlpatterns = [
    path("", careers.jobs, name="jobs"),
    path("<slug:slug>/", careers.job, name="job"),
]
