exports.up = async (knex) => {
  await knex.schema.createTable('stock', (table) => {
    table.increments('id');
    table.integer('pieces');
  });
  await knex('stock').insert({ pieces: 12 });
  await knex.schema.alterTable('widgets', (table) => table.integer('stock_id'));
};
exports.down = async (knex) => {
  await knex.schema.alterTable('widgets', (table) => table.dropColumn('stock_id'));
  await knex.schema.dropTable('stock');
};
