"""Addresses of the sales pages. What changes one product stands below `product/`: a SKU may hold any word, slashes too."""

from django.urls import path

from . import bulk_views, editing, editing_views, pricing_views, product_views, report_views, views

app_name = "sales"

urlpatterns = [
    path("", report_views.report, name="report"),
    path("lines/", report_views.lines, name="lines"),
    path("products/", product_views.products, name="products"),
    path("products/<path:sku>/", product_views.product, name="product"),
    path("product/bulk/", bulk_views.products_bulk, name="products_bulk"),
    path("product/<int:pk>/price/", editing_views.edit, {"cell": editing.PRICE}, name="product_price"),
    path("product/<int:pk>/cost/", editing_views.edit, {"cell": editing.COST}, name="product_cost"),
    path("product/<int:pk>/stock/", editing_views.edit, {"cell": editing.STOCK}, name="product_stock"),
    path("product/<int:pk>/reorder-point/", editing_views.edit, {"cell": editing.REORDER_POINT}, name="product_reorder_point"),
    path("product/<int:pk>/category/", editing_views.edit, {"cell": editing.CATEGORY}, name="product_category"),
    path("orders/", views.orders, name="orders"),
    path("orders/<path:number>/", views.order, name="order"),
    path("customers/", views.customers, name="customers"),
    path("customers/bulk/", bulk_views.customers_bulk, name="customers_bulk"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/tier/", editing_views.edit, {"cell": editing.TIER}, name="customer_tier"),
    path("pricing/", pricing_views.pricing, name="pricing"),
    path("pricing/apply/", pricing_views.pricing_apply, name="pricing_apply"),
    path("pricing/<int:pk>/", pricing_views.repriced, name="repriced"),
    path("tiers/", views.tiers, name="tiers"),
    path("tiers/add/", views.tier_save, name="tier_add"),
    path("tiers/<int:pk>/", views.tier_save, name="tier_save"),
    path("tiers/<int:pk>/delete/", views.tier_delete, name="tier_delete"),
    path("categories/", views.categories, name="categories"),
    path("categories/<int:pk>/price/", views.category_price, name="category_price"),
]
