--liquibase formatted sql
--changeset widgets:0003
-- Takes half a minute: to see what is left where a migration is ended.
create table slow_one (id serial primary key);
select pg_sleep(30);
create table slow_two (id serial primary key);
--rollback drop table slow_two;
--rollback drop table slow_one;
