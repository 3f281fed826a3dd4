"""Widgets, and Aerich's own table."""

RUN_IN_TRANSACTION = True


async def upgrade(db):
    return """
        CREATE TABLE widgets (id serial PRIMARY KEY, name text NOT NULL);
        CREATE TABLE IF NOT EXISTS aerich (
            id serial PRIMARY KEY, version varchar(255) NOT NULL, app varchar(100) NOT NULL, content jsonb NOT NULL
        );
    """


async def downgrade(db):
    return """
        DROP TABLE widgets;
    """
