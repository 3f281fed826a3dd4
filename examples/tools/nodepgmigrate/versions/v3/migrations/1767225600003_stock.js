// With a mistake: there is no table `wigets`.
exports.up = (pgm) => {
  pgm.createTable('stock', { id: 'id', pieces: 'integer' });
  pgm.sql('insert into stock (pieces) values (12)');
  pgm.addColumn('wigets', { stock_id: 'integer' });
};
exports.down = (pgm) => {
  pgm.dropColumn('wigets', 'stock_id');
  pgm.dropTable('stock');
};
