"""The addresses of the hiring side."""

from django.urls import path

from . import bulk_views, views

app_name = "jobs"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("bulk/", bulk_views.jobs_bulk, name="jobs_bulk"),
    path("new/", views.job_new, name="job_new"),
    path("reports/", views.hiring_report, name="reports"),
    path("applications/", views.applications, name="applications"),
    path("applications/bulk/", bulk_views.applications_bulk, name="applications_bulk"),
    path("applications/<int:pk>/", views.application, name="application"),
    path("applications/<int:pk>/move/", views.application_move, name="application_move"),
    path("applications/<int:pk>/rating/", views.application_rating, name="application_rating"),
    path("applications/<int:pk>/outcome/", views.application_outcome, name="application_outcome"),
    path("applications/<int:pk>/notes/", views.application_note, name="application_note"),
    path("candidates/", views.candidates, name="candidates"),
    path("candidates/<int:pk>/", views.candidate, name="candidate"),
    path("candidates/<int:pk>/notes/", views.candidate_note, name="candidate_note"),
    # Below the words above: every slug ends in a key behind a dash, so none of them can be one of these words.
    path("<slug:slug>/", views.job, name="job"),
    path("<slug:slug>/edit/", views.job_edit, name="job_edit"),
    path("<slug:slug>/openings/", views.job_openings, name="job_openings"),
    path("<slug:slug>/status/", views.job_status, name="job_status"),
]
