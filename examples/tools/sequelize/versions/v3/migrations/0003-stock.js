// With a mistake: there is no table `wigets`. What comes before it stays, since there is no transaction.
module.exports = {
  async up(schema, { INTEGER }) {
    await schema.createTable('stock', {
      id: { type: INTEGER, primaryKey: true, autoIncrement: true },
      pieces: INTEGER,
    });
    await schema.bulkInsert('stock', [{ pieces: 12 }]);
    await schema.addColumn('wigets', 'stock_id', INTEGER);
  },
  async down(schema) {
    await schema.removeColumn('wigets', 'stock_id');
    await schema.dropTable('stock');
  },
};
