"""An import has one more step to tell."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0013_leaner_sets")]

    operations = [
        migrations.AlterField(
            model_name="import",
            name="step",
            field=models.CharField(
                choices=[
                    ("reading", "reading rows"),
                    ("comparing", "comparing them with what is there"),
                    ("writing", "writing them"),
                    ("adding", "adding them up"),
                ],
                default="reading",
                max_length=10,
            ),
        )
    ]
