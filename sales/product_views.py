"""Products: the list with its inline edits, and the page of one product."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from dashboard import listing
from dashboard.access import may_edit_sales, sales_page, sales_write

from . import actions
from .editing import Editor
from .filters import AVAILABILITIES, ProductFilter
from .forms import ProductForm
from .models import OrderLine, Product
from .product_page import monthly_chart, tier_prices
from .summaries import ProductSummary
from .tables import ProductTable, availability_tag
from .totals import product_totals

EVERYTHING = [("", "All"), *AVAILABILITIES]
TOTALS_LABEL = "All these products"
NEWEST = 10


@sales_page
def products(request):
    """The list of products."""
    filterset = ProductFilter(request.GET, Product.objects.for_list(), request=request)
    return listing.list_page(
        request,
        filterset=filterset,
        table_class=ProductTable,
        template="sales/products.html",
        title="Products",
        context={"segments": EVERYTHING},
        table_kwargs={
            "totals": product_totals(filterset.rows),
            "totals_label": TOTALS_LABEL,
            "cell_context": {"editable": may_edit_sales(request.user)},
        },
    )


def shown_filter(request) -> ProductFilter:
    """The filter of the list that the browser is showing: an edited cell sends no filter of its own."""
    path, _, query = (request.htmx.current_url_abs_path or "").partition("?")
    return ProductFilter(QueryDict(query if path == reverse("sales:products") else ""), Product.objects.all(), request=request)


def row_again(request, pk: int, *, status: int = 200, editor: Editor | None = None) -> HttpResponse:
    """One row of the list as it is now, or with a cell that asks once more; with the totals beside it out of band."""
    record = get_object_or_404(Product.objects.for_list(), pk=pk)
    return listing.render_row(
        request,
        ProductTable,
        record,
        status=status,
        totals=product_totals(shown_filter(request).rows),
        totals_label=TOTALS_LABEL,
        cell_context={"editable": True, "editor": editor},
    )


@sales_page
def product(request, sku):
    """One product: its facts, what each tier pays, its sales by month, its latest lines, and its form for managers."""
    record = get_object_or_404(Product.objects.for_list().with_last_sold(), sku=sku)
    form = ProductForm(request.POST or None, instance=record, initial={"version": record.version})
    if request.method == "POST":
        return save_product(request, record, form)
    return product_page(request, record, form)


@sales_write
def save_product(request, record: Product, form: ProductForm) -> HttpResponse:
    """Write the form of a product; 422 with sentences beside the fields, 409 when somebody else was faster."""
    if not form.is_valid():
        return product_page(request, Product.objects.for_list().with_last_sold().get(pk=record.pk), form, status=422)
    if actions.edit_product(Product.objects.filter(pk=record.pk), form.values(), request.user, version=form.cleaned_data["version"]):
        messages.success(request, f"{form.cleaned_data['name']}: saved.")
        return redirect("sales:product", record.sku)
    form.add_error(
        None, "Somebody changed this product meanwhile. What you see on the left is how it is now; save again to put your values in its place."
    )
    fresh = Product.objects.for_list().with_last_sold().get(pk=record.pk)
    form.data = form.data.copy()
    form.data["version"] = fresh.version
    return product_page(request, fresh, form, status=409)


def product_page(request, record: Product, form: ProductForm, *, status: int = 200) -> HttpResponse:
    """The page, with a form as it is."""
    context = {
        "product": record,
        "form": form,
        "title": record.name,
        "tag": availability_tag(record),
        "tier_prices": tier_prices(record.effective_price),
        "lines": OrderLine.objects.newest_of(record)[:NEWEST],
        "chart": monthly_chart(ProductSummary, f"Net sales of {record.name} by month", product=record.pk),
    }
    return render(request, "sales/product.html", context, status=status)
