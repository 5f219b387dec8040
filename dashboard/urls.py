"""The route table: every address of the product begins here."""

from django.contrib import admin
from django.urls import include, path

from . import bulk_views, change_views, health, import_map_views, import_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("sales/", include("sales.urls")),
    path("jobs/", include("jobs.urls")),
    path("careers/", include("jobs.careers_urls")),
    path("changes/", change_views.changes, name="changes"),
    path("changes/<int:pk>/", change_views.change, name="change"),
    path("changes/<int:pk>/undo/", change_views.undo_change, name="undo_change"),
    path("bulk/<int:pk>/", bulk_views.bulk_run, name="bulk_run"),
    path("imports/", import_views.imports, name="imports"),
    path("imports/<int:pk>/", import_views.import_page, name="import"),
    path("imports/mappings/", import_map_views.import_maps, name="import_maps"),
    path("imports/mappings/<int:pk>/rename/", import_map_views.import_map_rename, name="import_map_rename"),
    path("imports/mappings/<int:pk>/delete/", import_map_views.import_map_delete, name="import_map_delete"),
    path("imports/<int:pk>/columns/", import_views.import_columns, name="import_columns"),
    path("imports/<int:pk>/mapping/save/", import_map_views.import_map_save, name="import_map_save"),
    path("imports/<int:pk>/mapping/use/", import_map_views.import_map_use, name="import_map_use"),
    path("imports/<int:pk>/stop/", import_views.import_stop, name="import_stop"),
    path("imports/<int:pk>/check/", import_views.import_check, name="import_check"),
    path("imports/<int:pk>/apply/", import_views.import_apply, name="import_apply"),
    path("imports/<int:pk>/correct/", import_views.import_correct, name="import_correct"),
    path("imports/<int:pk>/refused/", import_views.import_refused, name="import_refused"),
    path("accounts/", include("dashboard.accounts_urls")),
    path("admin/", admin.site.urls),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
]

handler400 = "dashboard.views.bad_request"
handler403 = "dashboard.views.forbidden"
handler404 = "dashboard.views.not_found"
handler500 = "dashboard.views.server_error"
