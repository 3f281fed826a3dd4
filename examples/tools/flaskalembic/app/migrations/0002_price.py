"""Each widget has a price."""

import sqlalchemy as sa
from alembic import op

revision = "4f1a00000002"
down_revision = "4f1a00000001"


def upgrade():
    op.add_column("widgets", sa.Column("price_cents", sa.Integer, nullable=False, server_default="0"))


def downgrade():
    op.drop_column("widgets", "price_cents")
