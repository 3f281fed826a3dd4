--liquibase formatted sql
--changeset widgets:0003
-- With a mistake: there is no table `wigets`.
create table stock (
    id serial primary key,
    pieces integer
);
insert into stock (pieces) values (12);
alter table wigets add column stock_id integer;
--rollback drop table stock;
