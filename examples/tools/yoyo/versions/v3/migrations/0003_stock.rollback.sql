alter table wigets drop column stock_id;
drop table stock;
