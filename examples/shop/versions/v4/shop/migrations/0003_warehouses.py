"""Version 4: items are in warehouses, repaired.

It succeeds after the failed attempt of version 3 and on a database that never saw it: what the failed attempt left
was never in use, so it is dropped first. Atomic this time: all of it happens, or nothing.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Creates the warehouses and puts every item into the first one."""

    dependencies = (("shop", "0002_item_sku"),)
    operations = (
        migrations.RunSQL("DROP TABLE IF EXISTS shop_warehouse", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID")),
                ("city", models.CharField(max_length=60)),
            ],
        ),
        migrations.RunSQL("INSERT INTO shop_warehouse (city) VALUES ('Utrecht')", migrations.RunSQL.noop),
        migrations.AddField(
            "item",
            "warehouse",
            models.ForeignKey("shop.Warehouse", null=True, blank=True, on_delete=models.PROTECT),
        ),
        migrations.RunSQL(
            "UPDATE shop_item SET warehouse_id = (SELECT min(id) FROM shop_warehouse)", migrations.RunSQL.noop
        ),
    )
