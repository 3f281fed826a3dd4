-- +goose Up
create table stock (
    id serial primary key,
    pieces integer
);
insert into stock (pieces) values (12);
alter table widgets add column stock_id integer;

-- +goose Down
alter table widgets drop column stock_id;
drop table stock;
