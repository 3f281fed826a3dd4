// One environment; the URL comes from DATABASE_URL.
module.exports = {
  client: 'pg',
  connection: process.env.DATABASE_URL,
  pool: { min: 0, max: 2 },
  migrations: { directory: './migrations' },
};
