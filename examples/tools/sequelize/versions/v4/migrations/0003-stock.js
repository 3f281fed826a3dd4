// Repaired: it removes what the failed one has left, and is a transaction.
module.exports = {
  up: (schema, { INTEGER }) =>
    schema.sequelize.transaction(async (transaction) => {
      await schema.dropTable('stock', { transaction });
      await schema.createTable(
        'stock',
        { id: { type: INTEGER, primaryKey: true, autoIncrement: true }, pieces: INTEGER },
        { transaction },
      );
      await schema.bulkInsert('stock', [{ pieces: 12 }], { transaction });
      await schema.addColumn('widgets', 'stock_id', INTEGER, { transaction });
    }),
  down: (schema) =>
    schema.sequelize.transaction(async (transaction) => {
      await schema.removeColumn('widgets', 'stock_id', { transaction });
      await schema.dropTable('stock', { transaction });
    }),
};
