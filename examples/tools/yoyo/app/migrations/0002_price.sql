-- depends: 0001_widgets
alter table widgets add column price_cents integer not null default 0;
