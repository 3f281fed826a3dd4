// Takes half a minute: to see what is left where a migration is ended.
module.exports = {
  async up(schema, { INTEGER }) {
    await schema.createTable('slow_one', { id: INTEGER });
    await schema.sequelize.query('select pg_sleep(30)');
    await schema.createTable('slow_two', { id: INTEGER });
  },
  async down(schema) {
    await schema.dropTable('slow_two');
    await schema.dropTable('slow_one');
  },
};
