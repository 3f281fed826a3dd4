--liquibase formatted sql
--changeset widgets:0002
alter table widgets add column price_cents integer not null default 0;
--rollback alter table widgets drop column price_cents;
