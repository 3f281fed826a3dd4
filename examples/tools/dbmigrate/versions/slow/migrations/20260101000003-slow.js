// Takes half a minute: to see what is left where a migration is ended.
exports.up = async (db) => {
  await db.createTable('slow_one', { id: 'int' });
  await db.runSql('select pg_sleep(30)');
  await db.createTable('slow_two', { id: 'int' });
};
exports.down = async (db) => {
  await db.dropTable('slow_two');
  await db.dropTable('slow_one');
};
exports._meta = { version: 1 };
