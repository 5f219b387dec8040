"""The three roles of the product are Django groups."""

from django.db import migrations

ROLES = ("Managers", "Viewers", "Recruiters")


def create_roles(apps, schema_editor):
    """Make the groups; administrators put people into them."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Roles exist in every installation."""

    dependencies = [("dashboard", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
