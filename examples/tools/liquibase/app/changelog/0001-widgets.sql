--liquibase formatted sql
--changeset widgets:0001
create table widgets (
    id serial primary key,
    name text not null
);
--rollback drop table widgets;
