"""Prints a one-time link for somebody who cannot sign in."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from dashboard import signin


class Command(BaseCommand):
    """A link for one person, for an administrator at the terminal."""

    help = "Prints a link that signs a person in once, within 24 hours."

    def add_arguments(self, parser):
        """Name the person."""
        parser.add_argument("email", help="the person's e-mail address or user name")

    def handle(self, *, email: str, **options):
        """Find exactly one active person and print the link."""
        people = User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email), is_active=True)[:2]
        if len(people) != 1:
            raise CommandError(f"{'No active user has' if not people else 'More than one user has'} the address {email}.")
        served_at = settings.DATA_DIR / "address"  # the supervisor's note
        home = served_at.read_text() if served_at.exists() else ""
        self.stdout.write(home + signin.make_link(people[0]))
