"""Each widget has a price."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("widgets", "0001_widgets")]
    operations = [migrations.AddField("widget", "price_cents", models.IntegerField(default=0))]
