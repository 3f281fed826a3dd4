"""Stock, with a mistake: there is no table `wigets`."""

RUN_IN_TRANSACTION = True


async def upgrade(db):
    return """
        CREATE TABLE stock (id serial PRIMARY KEY, pieces integer);
        INSERT INTO stock (pieces) VALUES (12);
        ALTER TABLE wigets ADD COLUMN stock_id integer;
    """


async def downgrade(db):
    return """
        ALTER TABLE wigets DROP COLUMN stock_id;
        DROP TABLE stock;
    """
