module.exports = {
  up: (schema, { INTEGER }) =>
    schema.addColumn('widgets', 'price_cents', { type: INTEGER, allowNull: false, defaultValue: 0 }),
  down: (schema) => schema.removeColumn('widgets', 'price_cents'),
};
