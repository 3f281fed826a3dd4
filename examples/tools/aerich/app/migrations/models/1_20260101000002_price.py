"""Each widget has a price."""

RUN_IN_TRANSACTION = True


async def upgrade(db):
    return """
        ALTER TABLE widgets ADD COLUMN price_cents integer NOT NULL DEFAULT 0;
    """


async def downgrade(db):
    return """
        ALTER TABLE widgets DROP COLUMN price_cents;
    """
