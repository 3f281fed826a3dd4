drop table slow_two;
drop table slow_one;
