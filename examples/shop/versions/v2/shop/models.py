"""What version 2 of the shop keeps in its database: items have a number for the shelf (sku)."""

from django.db import models

SHOWN = ("id", "sku", "name", "price", "stock")


class Item(models.Model):
    """A thing for sale."""

    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    sku = models.CharField(max_length=24, db_default="", blank=True)

    def __str__(self) -> str:
        return self.name
