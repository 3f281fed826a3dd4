"""Takes half a minute: to see what is left where a migration is ended."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("widgets", "0002_price")]
    operations = [
        migrations.RunSQL("create table slow_one (id integer)", "drop table slow_one"),
        migrations.RunSQL("select pg_sleep(30)", migrations.RunSQL.noop),
        migrations.RunSQL("create table slow_two (id integer)", "drop table slow_two"),
    ]
