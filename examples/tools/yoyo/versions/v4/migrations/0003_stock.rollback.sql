alter table widgets drop column stock_id;
drop table stock;
