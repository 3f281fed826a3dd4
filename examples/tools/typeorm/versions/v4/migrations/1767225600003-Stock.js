module.exports = class Stock1767225600003 {
  async up(runner) {
    await runner.query('create table stock (id serial primary key, pieces integer)');
    await runner.query('insert into stock (pieces) values (12)');
    await runner.query('alter table widgets add column stock_id integer');
  }

  async down(runner) {
    await runner.query('alter table widgets drop column stock_id');
    await runner.query('drop table stock');
  }
};
