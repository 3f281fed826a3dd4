-- depends: 0002_price
-- With a mistake: there is no table `wigets`.
create table stock (
    id serial primary key,
    pieces integer
);
insert into stock (pieces) values (12);
alter table wigets add column stock_id integer;
