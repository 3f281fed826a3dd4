alter table entries add column booked_at timestamptz not null default now();
