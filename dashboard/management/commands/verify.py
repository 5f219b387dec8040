"""`manage.py verify`: every invariant that spans tables. Each app names its own in its AppConfig, as `invariants`."""

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Runs all of them and prints what differs; an invariant is a function that returns sentences, none when all is well."""

    help = "Check every invariant that spans tables; exit 1 when anything differs."

    def handle(self, *args, **options):
        """Print each invariant with its verdict."""
        differences = 0
        for config in apps.get_app_configs():
            for path in getattr(config, "invariants", ()):
                check = import_string(path)
                sentences = check()
                differences += len(sentences)
                self.stdout.write(f"{'ok' if not sentences else 'differs':8} {config.label}: {check.__doc__.splitlines()[0]}")
                for sentence in sentences:
                    self.stdout.write(f"         {sentence}")
        if differences:
            raise CommandError(f"{differences} differences.")
