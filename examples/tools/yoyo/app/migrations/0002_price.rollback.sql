alter table widgets drop column price_cents;
