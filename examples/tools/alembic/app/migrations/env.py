"""Migrates the database that DATABASE_URL names."""

import os

import sqlalchemy as sa
from alembic import context

url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=sa.MetaData())
    with context.begin_transaction():
        context.run_migrations()
