"""Stock."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("widgets", "0002_price")]
    operations = [
        migrations.RunSQL("create table stock (id serial primary key, pieces integer)", "drop table stock"),
        migrations.RunSQL("insert into stock (pieces) values (12)", migrations.RunSQL.noop),
        migrations.RunSQL("alter table widgets add column stock_id integer", migrations.RunSQL.noop),
    ]
