// Answers every request with the application's version, as soon as the widgets can be read.
const http = require('node:http');
const { sql } = require('drizzle-orm');
const { drizzle } = require('drizzle-orm/node-postgres');

const database = drizzle(process.env.DATABASE_URL);

http
  .createServer(async (request, response) => {
    try {
      const { rows } = await database.execute(sql`select count(*) as widgets from widgets where price_cents >= 0`);
      response.end(JSON.stringify({ version: process.env.APP_VERSION, widgets: Number(rows[0].widgets) }));
    } catch (error) {
      response.statusCode = 503;
      response.end(error.message);
    }
  })
  .listen(8000);
