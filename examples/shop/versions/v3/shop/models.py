"""What versions 3 and 4 of the shop keep in their database: items are in a warehouse."""

from django.db import models

SHOWN = ("id", "sku", "name", "price", "stock", "warehouse__city")


class Warehouse(models.Model):
    """A place for items."""

    city = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.city


class Item(models.Model):
    """A thing for sale."""

    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    sku = models.CharField(max_length=24, db_default="", blank=True)
    warehouse = models.ForeignKey(Warehouse, null=True, blank=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.name
