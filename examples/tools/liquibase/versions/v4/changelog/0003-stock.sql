--liquibase formatted sql
--changeset widgets:0003
create table stock (
    id serial primary key,
    pieces integer
);
insert into stock (pieces) values (12);
alter table widgets add column stock_id integer;
--rollback alter table widgets drop column stock_id;
--rollback drop table stock;
