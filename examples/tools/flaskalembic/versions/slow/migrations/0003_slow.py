"""Takes half a minute: to see what is left where a migration is ended."""

import sqlalchemy as sa
from alembic import op

revision = "4f1a00000003"
down_revision = "4f1a00000002"


def upgrade():
    op.create_table("slow_one", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("select pg_sleep(30)")
    op.create_table("slow_two", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("slow_two")
    op.drop_table("slow_one")
