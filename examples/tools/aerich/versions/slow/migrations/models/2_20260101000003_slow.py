"""Takes half a minute: to see what is left where a migration is ended."""

RUN_IN_TRANSACTION = True


async def upgrade(db):
    return """
        CREATE TABLE slow_one (id integer);
        SELECT pg_sleep(30);
        CREATE TABLE slow_two (id integer);
    """


async def downgrade(db):
    return """
        DROP TABLE slow_two;
        DROP TABLE slow_one;
    """
