"""A small shop: items with a price and a stock."""
