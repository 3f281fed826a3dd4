// Answers every request with the application's version, as soon as the widgets can be read.
const http = require('node:http');
const knex = require('knex')(require('./knexfile.js'));

http
  .createServer(async (request, response) => {
    try {
      const [{ widgets }] = await knex('widgets').where('price_cents', '>=', 0).count('* as widgets');
      response.end(JSON.stringify({ version: process.env.APP_VERSION, widgets: Number(widgets) }));
    } catch (error) {
      response.statusCode = 503;
      response.end(error.message);
    }
  })
  .listen(8000);
