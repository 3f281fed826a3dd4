// Takes half a minute: to see what is left where a migration is ended.
module.exports = class Slow1767225600003 {
  async up(runner) {
    await runner.query('create table slow_one (id serial primary key)');
    await runner.query('select pg_sleep(30)');
    await runner.query('create table slow_two (id serial primary key)');
  }

  async down(runner) {
    await runner.query('drop table slow_two');
    await runner.query('drop table slow_one');
  }
};
