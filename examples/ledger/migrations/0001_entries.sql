create table entries (id bigserial primary key, amount_cents bigint not null);
