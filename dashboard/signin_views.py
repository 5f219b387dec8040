"""The two pages behind one-time links. Looking at them uses nothing up: mail scanners and browsers fetch links ahead."""

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from . import signin

BACKEND = "dashboard.sessions.Backend"


class FirstAdministratorForm(forms.Form):
    """Who the first administrator is."""

    full_name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="E-mail", max_length=150, widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()[-1:]),
    )

    def clean_email(self) -> str:
        """One spelling for an address: it is the user name too."""
        return self.cleaned_data["email"].lower()

    def clean(self) -> None:
        """Apply the password policy with the names at hand, so that it can refuse them as a password."""
        password = self.cleaned_data.get("password")
        if password is None:
            return
        email = self.cleaned_data.get("email", "")
        person = User(username=email, email=email, **signin.split_name(self.cleaned_data.get("full_name", "")))
        try:
            validate_password(password, person)
        except forms.ValidationError as problems:
            self.add_error("password", problems)


@never_cache
@sensitive_post_parameters("password")
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
def first(request, token):
    """Make the first administrator; not found as soon as anybody has an account."""
    if not signin.awaits_first_administrator() or not signin.live_links(token).filter(user=None).exists():
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/first.html", {"form": form}, status=422 if form.errors else 200)
    user = signin.create_first_administrator(token, **form.cleaned_data)
    if user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request, token):
    """Ask before signing in, and sign in once."""
    found = signin.live_links(token).filter(user__isnull=False).select_related("user").first()
    if request.method == "POST" and found:
        found = signin.redeem(token)
        if found:
            login(request, found.user, backend=BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/link.html", {"link": found}, status=200 if found else 404)
