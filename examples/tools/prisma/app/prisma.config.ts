// Prisma's schema engine as WebAssembly, which reaches PostgreSQL through the driver pg: no native engine is downloaded.
// The adapter is Prisma 7's, since that of Prisma 6 does not know PostgreSQL's type "name".
import { PrismaPg } from '@prisma/adapter-pg';
import { defineConfig } from 'prisma/config';

// Sends a migration whole, as the native engine does: PostgreSQL runs it as one transaction. The adapter itself would
// cut it at every semicolon.
class WholeMigrations extends PrismaPg {
  async connect(): Promise<any> {
    const adapter: any = await super.connect();
    adapter.executeScript = async (script: string) => {
      try {
        await adapter.underlyingDriver().query(script);
      } catch (error) {
        adapter.onError(error);
      }
    };
    return adapter;
  }
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  experimental: { adapter: true },
  engine: 'js',
  // An idle connection would keep the lock of the migrations for ten seconds after their end.
  adapter: async () => new WholeMigrations({ connectionString: process.env.DATABASE_URL, idleTimeoutMillis: 1000 }),
});
