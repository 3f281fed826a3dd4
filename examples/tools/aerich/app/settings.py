"""The database is the one that DATABASE_URL names."""

import os

TORTOISE_ORM = {
    "connections": {"default": os.environ["DATABASE_URL"].replace("postgresql://", "asyncpg://", 1)},
    "apps": {"models": {"models": ["models", "aerich.models"], "default_connection": "default"}},
}
