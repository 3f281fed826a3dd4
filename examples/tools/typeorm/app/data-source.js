// How TypeORM reaches the database, and where the migrations are; the URL comes from DATABASE_URL.
const { DataSource } = require('typeorm');

module.exports = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  migrations: [`${__dirname}/migrations/*.js`],
});
