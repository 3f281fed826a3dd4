-- +goose Up
create table widgets (
    id serial primary key,
    name text not null
);

-- +goose Down
drop table widgets;
