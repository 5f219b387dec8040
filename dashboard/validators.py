"""The password policy: length over composition, and a sentence that says what is wrong."""

import re

from django.core.exceptions import ValidationError

MINIMUM_LENGTH = 12
FEWEST_DISTINCT = 5
SHORTEST_NAME = 4
PRODUCT_NAME = "tallyboard"


class PasswordPolicy:
    """Refuse passwords that are short, nearly one character, or built from the person's own or the product's name."""

    def validate(self, password, user=None):
        """Raise one ValidationError holding every rule that is broken."""
        problems = [*self.shape_problems(password), *self.name_problems(password, user)]
        if problems:
            raise ValidationError(problems)

    def shape_problems(self, password):
        """What is wrong with the password whoever uses it."""
        if len(password) < MINIMUM_LENGTH:
            yield ValidationError(
                f"The password has %(length)d characters; it needs at least {MINIMUM_LENGTH}. A few words in a row do well.",
                code="password_too_short",
                params={"length": len(password)},
            )
        if len(set(password)) < FEWEST_DISTINCT:
            yield ValidationError(
                f"The password repeats very few characters; use at least {FEWEST_DISTINCT} different ones.",
                code="password_too_uniform",
            )

    def name_problems(self, password, user):
        """Names in the password that an attacker would try first."""
        lowered = password.lower()
        names = {PRODUCT_NAME}
        for value in (getattr(user, field, "") for field in ("username", "email", "first_name", "last_name")):
            names.update(part for part in re.split(r"\W+", (value or "").lower()) if len(part) >= SHORTEST_NAME)
        found = sorted(name for name in names if name in lowered and len(name) * 2 > len(lowered) - len(name))
        if found:
            yield ValidationError("The password is mostly “%(name)s”, which is easy to guess.", code="password_names_user", params={"name": found[0]})

    def get_help_text(self):
        """What a form says before anything is typed."""
        return f"At least {MINIMUM_LENGTH} characters, not a common password, and not your name or e-mail."
