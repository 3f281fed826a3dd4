"""Widgets."""

import sqlalchemy as sa
from alembic import op

revision = "4f1a00000001"
down_revision = None


def upgrade():
    op.create_table(
        "widgets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )


def downgrade():
    op.drop_table("widgets")
