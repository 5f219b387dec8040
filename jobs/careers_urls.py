"""The addresses of the public job board."""

app_name = "careers"
urlpatterns = []
