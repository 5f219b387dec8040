"""Addresses of the sales pages."""

app_name = "sales"

urlpatterns = []
