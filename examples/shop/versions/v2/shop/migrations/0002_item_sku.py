"""Version 2: every item gets a number for the shelf.

Additive: the default lives in the database, so version 1 goes on to write items without knowing the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column and fills it, both or neither."""

    dependencies = (("shop", "0001_initial"),)
    operations = (
        migrations.AddField("item", "sku", models.CharField(max_length=24, db_default="", blank=True)),
        migrations.RunSQL("UPDATE shop_item SET sku = 'SKU-' || id WHERE sku = ''", migrations.RunSQL.noop),
    )
