// Where the migrations are, and the database; the URL comes from DATABASE_URL.
module.exports = { dialect: 'postgresql', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } };
