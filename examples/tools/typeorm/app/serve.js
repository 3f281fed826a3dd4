// Answers every request with the application's version, as soon as the widgets can be read.
const http = require('node:http');
const source = require('./data-source.js');

const count = 'select count(*) as widgets from widgets where price_cents >= 0';
const connected = source.initialize();

http
  .createServer(async (request, response) => {
    try {
      await connected;
      const [{ widgets }] = await source.query(count);
      response.end(JSON.stringify({ version: process.env.APP_VERSION, widgets: Number(widgets) }));
    } catch (error) {
      response.statusCode = 503;
      response.end(error.message);
    }
  })
  .listen(8000);
