module.exports = {
  up: (schema, { INTEGER, TEXT }) =>
    schema.createTable('widgets', {
      id: { type: INTEGER, primaryKey: true, autoIncrement: true },
      name: { type: TEXT, allowNull: false },
    }),
  down: (schema) => schema.dropTable('widgets'),
};
