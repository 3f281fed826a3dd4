exports.up = (db) =>
  db.createTable('widgets', {
    id: { type: 'int', primaryKey: true, autoIncrement: true },
    name: { type: 'text', notNull: true },
  });
exports.down = (db) => db.dropTable('widgets');
exports._meta = { version: 1 };
