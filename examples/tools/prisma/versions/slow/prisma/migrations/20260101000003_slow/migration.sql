-- Takes half a minute: to see what is left where a migration is ended.
CREATE TABLE slow_one (id integer);
SELECT pg_sleep(30);
CREATE TABLE slow_two (id integer);
