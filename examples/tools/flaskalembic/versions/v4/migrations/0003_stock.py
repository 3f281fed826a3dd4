"""Stock."""

import sqlalchemy as sa
from alembic import op

revision = "4f1a00000003"
down_revision = "4f1a00000002"


def upgrade():
    op.create_table("stock", sa.Column("id", sa.Integer, primary_key=True), sa.Column("pieces", sa.Integer))
    op.execute("insert into stock (pieces) values (12)")
    op.add_column("widgets", sa.Column("stock_id", sa.Integer))


def downgrade():
    op.drop_column("widgets", "stock_id")
    op.drop_table("stock")
