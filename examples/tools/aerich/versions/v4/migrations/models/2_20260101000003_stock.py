"""Stock."""

RUN_IN_TRANSACTION = True


async def upgrade(db):
    return """
        CREATE TABLE stock (id serial PRIMARY KEY, pieces integer);
        INSERT INTO stock (pieces) VALUES (12);
        ALTER TABLE widgets ADD COLUMN stock_id integer;
    """


async def downgrade(db):
    return """
        ALTER TABLE widgets DROP COLUMN stock_id;
        DROP TABLE stock;
    """
