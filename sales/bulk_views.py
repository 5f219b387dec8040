"""Bulk actions of the sales lists."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.access import sales_write
from dashboard.bulk_views import bulk

from .bulk import CUSTOMERS, PRODUCTS, REPRICE


@sales_write
@require_POST
def products_bulk(request):
    """Archive, restore, categorise or delete products; a price change is rehearsed first, on a page of its own."""
    return rehearse(request) if request.POST.get("action") == REPRICE else bulk(request, PRODUCTS)


def rehearse(request) -> HttpResponse:
    """Go to the rehearsal with the filter of the list, or with the boxes that were ticked; that page checks every word."""
    whole, boxes = request.POST.get("all"), request.POST.getlist("ids")
    if not whole and not boxes:
        messages.error(request, "Select some products first.")
        return redirect("sales:products")
    words = QueryDict(request.POST.get("query", "") if whole else "", mutable=True)
    words["how"] = request.POST.get("how", "")
    if not whole:
        words.setlist("ids", boxes)
    address = f"{reverse('sales:pricing')}?{words.urlencode()}"
    response = HttpResponse(status=204) if request.htmx else redirect(address)
    if request.htmx:
        response["HX-Redirect"] = address
    return response


@sales_write
@require_POST
def customers_bulk(request):
    """Put customers into a tier."""
    return bulk(request, CUSTOMERS)
