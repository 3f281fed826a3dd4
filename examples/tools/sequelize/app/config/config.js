// One way to the database for every NODE_ENV that Sequelize may look for; the URL comes from DATABASE_URL.
const database = { use_env_variable: 'DATABASE_URL', dialect: 'postgres', logging: false };

module.exports = { development: database, production: database };
