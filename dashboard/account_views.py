"""Sign-in and sign-out, the account page, the password and API tokens."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from .access import roles_of, signed_in
from .forms import PasswordForm, SignInForm, TokenForm
from .models import ApiToken

login = LoginView.as_view(template_name="accounts/login.html", authentication_form=SignInForm, redirect_authenticated_user=True)
logout = LogoutView.as_view()


def account_page(request, *, password_form=None, token_form=None, secret="", status=200):
    """The account page with whichever form is being filled in."""
    context = {
        "password_form": password_form or PasswordForm(request.user),
        "token_form": token_form or TokenForm(),
        "tokens": request.user.api_tokens.all(),
        "roles": sorted(roles_of(request.user)),
        "secret": secret,
    }
    return render(request, "accounts/account.html", context, status=status)


@signed_in
def account(request):
    """Who I am here, what I may do, my password and my tokens."""
    return account_page(request)


@sensitive_post_parameters()
@require_POST
@signed_in
def password(request):
    """Set a new password; all other sessions of this person end."""
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid():
        return account_page(request, password_form=form, status=422)
    update_session_auth_hash(request, form.save())
    messages.success(request, "The password is changed. All other sessions were signed out.")
    return redirect("accounts:account")


@require_POST
@signed_in
def create_token(request):
    """Make a token and show its secret, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return account_page(request, token_form=form, status=422)
    _, secret = ApiToken.issue(request.user, form.cleaned_data["name"])
    return account_page(request, secret=secret)


@require_POST
@signed_in
def delete_token(request, pk):
    """Delete one of my own tokens; it stops working at once."""
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    ApiToken.objects.filter(pk=token.pk).delete()
    messages.success(request, f"The token “{token.name}” is deleted.")
    return redirect("accounts:account")
