-- +goose Up
alter table widgets add column price_cents integer not null default 0;

-- +goose Down
alter table widgets drop column price_cents;
