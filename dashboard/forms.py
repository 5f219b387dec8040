"""Forms of the account pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm

from .models import ApiToken


class SignInForm(AuthenticationForm):
    """Name and password; a wrong pair says the same for known and unknown people."""

    error_messages = {
        "invalid_login": "This name and password do not match. Check for capital letters and try again.",
        "inactive": "This name and password do not match. Check for capital letters and try again.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail or user name"
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "maxlength": 150}
        self.fields["password"].widget.attrs |= {"autocomplete": "current-password", "maxlength": 4096}


class PasswordForm(SetPasswordForm):
    """A new password, with the present one as proof where there is one."""

    old_password = forms.CharField(label="Present password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, user, *args, **kwargs):
        super().__init__(user, *args, **kwargs)
        if not user.has_usable_password():
            del self.fields["old_password"]

    def clean_old_password(self):
        """Refuse a wrong present password beside its field."""
        value = self.cleaned_data["old_password"]
        if not self.user.check_password(value):
            raise forms.ValidationError("This is not your present password.", code="wrong_password")
        return value


class TokenForm(forms.ModelForm):
    """The name of a new API token."""

    class Meta:
        model = ApiToken
        fields = ["name"]
        labels = {"name": "What is it for?"}
