-- migrate:up
alter table widgets add column price_cents integer not null default 0;

-- migrate:down
alter table widgets drop column price_cents;
