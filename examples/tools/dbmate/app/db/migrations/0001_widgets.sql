-- migrate:up
create table widgets (
    id serial primary key,
    name text not null
);

-- migrate:down
drop table widgets;
