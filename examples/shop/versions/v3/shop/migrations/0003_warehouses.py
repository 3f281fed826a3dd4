"""Version 3: items are in warehouses. This one is broken on purpose.

The table is created, then the INSERT names a column that does not exist. Because the migration is not atomic, the
table stays behind: the half-done state that a release must survive. Version 4 brings the repaired migration.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Creates the warehouses, then fails."""

    atomic = False
    dependencies = (("shop", "0002_item_sku"),)
    operations = (
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID")),
                ("city", models.CharField(max_length=60)),
            ],
        ),
        migrations.RunSQL("INSERT INTO shop_warehouse (town) VALUES ('Utrecht')", migrations.RunSQL.noop),
        migrations.AddField(
            "item",
            "warehouse",
            models.ForeignKey("shop.Warehouse", null=True, blank=True, on_delete=models.PROTECT),
        ),
    )
