-- Takes half a minute: to see what is left where a migration is ended.
CREATE TABLE slow_one (id integer);
--> statement-breakpoint
SELECT pg_sleep(30);
--> statement-breakpoint
CREATE TABLE slow_two (id integer);
