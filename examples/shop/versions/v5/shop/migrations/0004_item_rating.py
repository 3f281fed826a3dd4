"""Version 5: visitors rate items.

Additive: the default lives in the database, so version 4 goes on to write items without knowing the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column."""

    dependencies = (("shop", "0003_warehouses"),)
    operations = (migrations.AddField("item", "rating", models.PositiveSmallIntegerField(db_default=0, blank=True)),)
