"""What version 1 of the shop keeps in its database."""

from django.db import models

SHOWN = ("id", "name", "price", "stock")


class Item(models.Model):
    """A thing for sale."""

    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
