-- With a mistake: there is no table "wigets".
CREATE TABLE stock (id serial PRIMARY KEY, pieces integer);
--> statement-breakpoint
INSERT INTO stock (pieces) VALUES (12);
--> statement-breakpoint
ALTER TABLE wigets ADD COLUMN stock_id integer;
