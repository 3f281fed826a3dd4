"""What is kept in the database."""

from django.db import models


class Widget(models.Model):
    id = models.AutoField(primary_key=True)
    name = models.TextField()
    price_cents = models.IntegerField(default=0)

    class Meta:
        db_table = "widgets"
