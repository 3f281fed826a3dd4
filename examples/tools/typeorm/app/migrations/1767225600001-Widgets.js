module.exports = class Widgets1767225600001 {
  async up(runner) {
    await runner.query('create table widgets (id serial primary key, name text not null)');
  }

  async down(runner) {
    await runner.query('drop table widgets');
  }
};
