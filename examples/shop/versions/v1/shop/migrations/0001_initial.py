"""Version 1: items with a name, a price and a stock."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Creates the table of items."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("price", models.DecimalField(max_digits=8, decimal_places=2)),
                ("stock", models.PositiveIntegerField(default=0)),
            ],
        ),
    )
