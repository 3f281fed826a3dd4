CREATE TABLE stock (id serial PRIMARY KEY, pieces integer);
INSERT INTO stock (pieces) VALUES (12);
ALTER TABLE widgets ADD COLUMN stock_id integer;
