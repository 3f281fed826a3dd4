// Takes half a minute: to see what is left where a migration is ended.
exports.up = (pgm) => {
  pgm.createTable('slow_one', { id: 'id' });
  pgm.sql('select pg_sleep(30)');
  pgm.createTable('slow_two', { id: 'id' });
};
exports.down = (pgm) => {
  pgm.dropTable('slow_two');
  pgm.dropTable('slow_one');
};
