"""The administration pages of sales, made for long lists: searched, not scrolled, in a fixed number of queries."""

from django.contrib import admin

from .models import Category, Channel, Customer, Order, OrderLine, Product, Salesperson, Tier


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """Categories."""

    list_display = ["name", "key", "parent", "default_price"]
    list_select_related = ["parent"]
    list_editable = ["default_price"]
    search_fields = ["name", "key"]
    autocomplete_fields = ["parent"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products. Stock is read only once they exist: the list of products counts it up and down without losing anybody's work."""

    list_display = ["sku", "name", "category", "price", "cost", "stock", "reorder_point", "active"]
    list_select_related = ["category"]
    list_filter = ["active", ("category", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["sku", "name", "gtin"]
    autocomplete_fields = ["category"]
    list_per_page = 50
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """Stock can be set on a new product only."""
        return ["stock"] if obj else []


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin):
    """Tiers."""

    list_display = ["name", "min_spend", "discount"]
    search_fields = ["name"]


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Customers."""

    list_display = ["name", "key", "email", "city", "country", "tier"]
    list_select_related = ["tier"]
    list_filter = ["tier"]
    search_fields = ["name", "key", "email"]
    autocomplete_fields = ["tier"]
    list_per_page = 50
    show_full_result_count = False


@admin.register(Channel, Salesperson)
class NameAdmin(admin.ModelAdmin):
    """Channels and salespeople: a name each."""

    list_display = ["name"]
    search_fields = ["name"]


class LineInline(admin.TabularInline):
    """The lines of an order."""

    model = OrderLine
    extra = 0
    fields = ["position", "product", "quantity", "unit_price", "discount_amount", "coupon_share", "unit_cost", "return_of", "net"]
    readonly_fields = ["net"]
    autocomplete_fields = ["product"]
    raw_id_fields = ["return_of"]

    def get_queryset(self, request):
        """With what each row shows."""
        return super().get_queryset(request).select_related("product", "return_of")


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """Orders with their lines."""

    list_display = ["number", "placed_at", "customer", "channel", "salesperson", "status", "country"]
    list_select_related = ["customer", "channel", "salesperson"]
    list_filter = ["status", "channel", "salesperson"]
    date_hierarchy = "placed_at"
    search_fields = ["number", "customer__name"]
    autocomplete_fields = ["customer", "channel", "salesperson", "tier"]
    inlines = [LineInline]
    list_per_page = 50
    show_full_result_count = False


@admin.register(OrderLine)
class OrderLineAdmin(admin.ModelAdmin):
    """Order lines, for looking one up."""

    list_display = ["order", "position", "product", "quantity", "unit_price", "kind", "net"]
    list_select_related = ["order", "product"]
    list_filter = ["kind"]
    search_fields = ["order__number", "product__sku", "product__name"]
    autocomplete_fields = ["order", "product"]
    raw_id_fields = ["return_of"]
    list_per_page = 50
    show_full_result_count = False
