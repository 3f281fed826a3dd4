create table stock (
    id serial primary key,
    pieces integer
);
insert into stock (pieces) values (12);
alter table widgets add column stock_id integer;
