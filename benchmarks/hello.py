"""The view that does nothing, through all middleware: what every other answer is compared with. In no release of the product."""

from django.http import HttpResponse
from django.urls import path

from dashboard import urls

PATH = "/hello"


def hello(request):
    """Greet."""
    return HttpResponse("Hello, world")


urlpatterns = [path("hello", hello), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
