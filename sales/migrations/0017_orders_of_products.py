"""Which orders hold a product as sold is known from the index alone: reports of several products count their orders there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0016_category_moves")]

    operations = [
        migrations.RemoveIndex(model_name="orderline", name="line_product_order"),
        migrations.AddIndex(
            model_name="orderline", index=models.Index(fields=["product", "order"], include=("kind",), name="line_product_order")
        ),
    ]
