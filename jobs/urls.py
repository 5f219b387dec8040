"""The addresses of the hiring side."""

app_name = "jobs"
urlpatterns = []
