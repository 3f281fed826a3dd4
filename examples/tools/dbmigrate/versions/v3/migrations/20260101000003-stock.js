// With a mistake: there is no table `wigets`.
exports.up = async (db) => {
  await db.createTable('stock', {
    id: { type: 'int', primaryKey: true, autoIncrement: true },
    pieces: 'int',
  });
  await db.insert('stock', ['pieces'], [12]);
  await db.addColumn('wigets', 'stock_id', 'int');
};
exports.down = async (db) => {
  await db.removeColumn('wigets', 'stock_id');
  await db.dropTable('stock');
};
exports._meta = { version: 1 };
