module.exports = class Price1767225600002 {
  async up(runner) {
    await runner.query('alter table widgets add column price_cents integer not null default 0');
  }

  async down(runner) {
    await runner.query('alter table widgets drop column price_cents');
  }
};
