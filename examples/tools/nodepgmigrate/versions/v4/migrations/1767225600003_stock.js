exports.up = (pgm) => {
  pgm.createTable('stock', { id: 'id', pieces: 'integer' });
  pgm.sql('insert into stock (pieces) values (12)');
  pgm.addColumn('widgets', { stock_id: 'integer' });
};
exports.down = (pgm) => {
  pgm.dropColumn('widgets', 'stock_id');
  pgm.dropTable('stock');
};
