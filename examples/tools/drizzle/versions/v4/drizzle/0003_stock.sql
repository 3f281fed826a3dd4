CREATE TABLE stock (id serial PRIMARY KEY, pieces integer);
--> statement-breakpoint
INSERT INTO stock (pieces) VALUES (12);
--> statement-breakpoint
ALTER TABLE widgets ADD COLUMN stock_id integer;
