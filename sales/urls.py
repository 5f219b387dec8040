"""Addresses of the sales pages. What changes one product stands below `product/`: a SKU may hold any word, slashes too."""

from django.urls import path

from . import product_views, report_views, views

app_name = "sales"

urlpatterns = [
    path("", report_views.report, name="report"),
    path("lines/", report_views.lines, name="lines"),
    path("products/", product_views.products, name="products"),
    path("products/<path:sku>/", product_views.product, name="product"),
    path("product/bulk/", product_views.products_bulk, name="products_bulk"),
    path("product/<int:pk>/stock/", product_views.product_stock, name="product_stock"),
    path("product/<int:pk>/price/", product_views.product_price, name="product_price"),
    path("orders/", views.orders, name="orders"),
    path("orders/<path:number>/", views.order, name="order"),
    path("customers/", views.customers, name="customers"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("tiers/", views.tiers, name="tiers"),
    path("tiers/add/", views.tier_save, name="tier_add"),
    path("tiers/<int:pk>/", views.tier_save, name="tier_save"),
    path("tiers/<int:pk>/delete/", views.tier_delete, name="tier_delete"),
    path("categories/", views.categories, name="categories"),
    path("categories/<int:pk>/price/", views.category_price, name="category_price"),
]
