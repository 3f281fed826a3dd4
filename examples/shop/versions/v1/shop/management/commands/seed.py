"""Fills the shelves: `python manage.py seed --items 50000`."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import connection

from shop.models import Item

FILL = """
    INSERT INTO shop_item (name, price, stock)
    SELECT (ARRAY['Mug', 'Lamp', 'Chair', 'Teapot', 'Blanket', 'Clock', 'Vase', 'Basket'])[1 + n %% 8] || ' ' || n,
           1 + (n * 37 %% 9900) / 100.0,
           n * 7 %% 50
    FROM generate_series(%s::bigint, %s::bigint) AS n
"""


class Command(BaseCommand):
    """Adds items until there are as many as asked for; a second run adds none."""

    help = "Add items until there are as many as asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how many items there shall be."""
        parser.add_argument("--items", type=int, default=50_000, help="how many there shall be (default: 50000)")

    def handle(self, *_arguments: object, **options: int) -> None:
        """Add what is missing in one statement, which names the columns of version 1 only."""
        before = Item.objects.count()
        with connection.cursor() as cursor:
            cursor.execute(FILL, [before + 1, options["items"]])
            added = cursor.rowcount
        self.stdout.write(f"{added} items added, {before + added} in the shop")
