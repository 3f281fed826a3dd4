exports.up = (knex) =>
  knex.schema.alterTable('widgets', (table) => {
    table.integer('price_cents').notNullable().defaultTo(0);
  });
exports.down = (knex) => knex.schema.alterTable('widgets', (table) => table.dropColumn('price_cents'));
