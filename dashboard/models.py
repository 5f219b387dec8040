"""What both audiences share: sign-in links, API tokens and change sets."""

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


def hash_token(token: str) -> str:
    """SHA-256 of a secret, in hex: what the database keeps instead of the secret."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignInLink(models.Model):
    """A one-time link that signs somebody in; without a user it makes the first administrator."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"link {self.pk}"


class ApiToken(models.Model):
    """A read-only key to the exports, with the rights of its owner. Only the hash of the secret is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @classmethod
    def issue(cls, user, name: str) -> tuple["ApiToken", str]:
        """Make a token for `user`; the secret is returned once and cannot be shown again."""
        secret = "tb_" + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, token_hash=hash_token(secret)), secret


class ChangeSet(models.Model):
    """One action of one person, in words: what was done to which rows, and to how many."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="change_sets")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    verb = models.CharField(max_length=60, help_text="Past tense and stable: product.repriced.")
    sentence = models.TextField(help_text="What was done, as a person would say it.")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.sentence
