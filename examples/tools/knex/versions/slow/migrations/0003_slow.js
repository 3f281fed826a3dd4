// Takes half a minute: to see what is left where a migration is ended.
exports.up = async (knex) => {
  await knex.schema.createTable('slow_one', (table) => table.increments('id'));
  await knex.raw('select pg_sleep(30)');
  await knex.schema.createTable('slow_two', (table) => table.increments('id'));
};
exports.down = async (knex) => {
  await knex.schema.dropTable('slow_two');
  await knex.schema.dropTable('slow_one');
};
