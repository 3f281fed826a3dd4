exports.up = (pgm) => pgm.addColumn('widgets', { price_cents: { type: 'integer', notNull: true, default: 0 } });
exports.down = (pgm) => pgm.dropColumn('widgets', 'price_cents');
