"""What is kept in the database."""

from tortoise import fields
from tortoise.models import Model


class Widget(Model):
    id = fields.IntField(primary_key=True)
    name = fields.TextField()
    price_cents = fields.IntField(default=0)

    class Meta:
        table = "widgets"
