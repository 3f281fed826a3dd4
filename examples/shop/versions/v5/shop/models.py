"""What version 5 of the shop keeps in its database: items in a warehouse have a rating."""

from django.db import models

SHOWN = ("id", "sku", "name", "price", "stock", "warehouse__city", "rating")


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
    rating = models.PositiveSmallIntegerField(db_default=0, blank=True)

    def __str__(self) -> str:
        return self.name
