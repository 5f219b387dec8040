"""Sign-in, one-time links, the account page and its tokens."""

from django.urls import path

from . import account_views, signin_views

app_name = "accounts"

urlpatterns = [
    path("login/", account_views.login, name="login"),
    path("logout/", account_views.logout, name="logout"),
    path("first/<str:token>/", signin_views.first, name="first"),
    path("link/<str:token>/", signin_views.link, name="link"),
    path("", account_views.account, name="account"),
    path("password/", account_views.password, name="password"),
    path("tokens/", account_views.create_token, name="create_token"),
    path("tokens/<int:pk>/delete/", account_views.delete_token, name="delete_token"),
]
