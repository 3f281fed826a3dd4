// Answers every request with the application's version, as soon as the widgets can be read.
const http = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });

http
  .createServer(async (request, response) => {
    try {
      const { rows } = await pool.query('select count(*) as widgets from widgets where price_cents >= 0');
      response.end(JSON.stringify({ version: process.env.APP_VERSION, widgets: Number(rows[0].widgets) }));
    } catch (error) {
      response.statusCode = 503;
      response.end(error.message);
    }
  })
  .listen(8000);
