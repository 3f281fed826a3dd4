exports.up = (pgm) =>
  pgm.createTable('widgets', {
    id: 'id',
    name: { type: 'text', notNull: true },
  });
exports.down = (pgm) => pgm.dropTable('widgets');
