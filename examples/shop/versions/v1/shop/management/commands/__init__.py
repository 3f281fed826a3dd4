"""Commands of the shop, each run by manage.py."""
