"""The change log leaves out what the database computes itself; since 0015 that includes the money of lines in ten-thousandths.

With those logged, an undo tried to write them, which the database refuses.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sales", "0017_orders_of_products"), ("dashboard", "0005_logged_tables")]

    operations = [migrations.RunSQL("SELECT tallyboard_track('sales_orderline')", migrations.RunSQL.noop)]
