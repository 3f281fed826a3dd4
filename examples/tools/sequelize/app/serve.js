// Answers every request with the application's version, as soon as the widgets can be read.
const http = require('node:http');
const { QueryTypes, Sequelize } = require('sequelize');

const database = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 2 } });
const count = 'select count(*) as widgets from widgets where price_cents >= 0';

http
  .createServer(async (request, response) => {
    try {
      const [{ widgets }] = await database.query(count, { type: QueryTypes.SELECT });
      response.end(JSON.stringify({ version: process.env.APP_VERSION, widgets: Number(widgets) }));
    } catch (error) {
      response.statusCode = 503;
      response.end(error.message);
    }
  })
  .listen(8000);
