exports.up = (knex) =>
  knex.schema.createTable('widgets', (table) => {
    table.increments('id');
    table.text('name').notNullable();
  });
exports.down = (knex) => knex.schema.dropTable('widgets');
