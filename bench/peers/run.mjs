/*
 * Runs the history beside `steps.json` with one tool, as a service would: node run.mjs TOOL FOLDER URL. The tools are resolved from
 * the folder that REVGRAPH_PEERS names.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tool, folder, url] = process.argv.slice(2);
const require = createRequire(join(process.env.REVGRAPH_PEERS, 'package.json'));
const load = async (name) => {
  const found = await import(pathToFileURL(require.resolve(name)).href);
  return found.default === undefined ? found : { ...found.default, ...found };
};
const steps = () => JSON.parse(readFileSync(join(folder, 'steps.json'), 'utf8'));
const connected = async (use) => {
  const { Client } = await load('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

const TOOLS = {
  /** What any Node process pays that connects and asks once. */
  bare: () => connected((client) => client.query('SELECT 1')),
  postgrator: () =>
    connected(async (client) => {
      const found = await load('postgrator');
      const Postgrator = typeof found === 'function' ? found : (found.default ?? found);
      await new Postgrator({
        migrationPattern: join(folder, 'postgrator', '*.sql'),
        driver: 'pg',
        execQuery: (text) => client.query(text),
      }).migrate();
    }),
  knex: async () => {
    const { default: knex } = await import(pathToFileURL(require.resolve('knex')).href);
    const db = knex({ client: 'pg', connection: url, pool: { min: 1, max: 1 } });
    await db.migrate.latest({
      migrationSource: {
        getMigrations: async () => steps(),
        getMigrationName: ({ id }) => id,
        getMigration: async ({ up, down }) => ({ up: (trx) => trx.raw(up), down: (trx) => trx.raw(down) }),
      },
    });
    await db.destroy();
  },
  umzug: () =>
    connected(async (client) => {
      const { Umzug } = await load('umzug');
      await client.query('CREATE TABLE IF NOT EXISTS umzug (name text PRIMARY KEY)');
      await new Umzug({
        logger: undefined,
        context: client,
        migrations: steps().map(({ id, up, down }) => ({
          name: id,
          up: async () => {
            await client.query('BEGIN');
            await client.query(up);
            await client.query('COMMIT');
          },
          down: () => client.query(down),
        })),
        storage: {
          logMigration: ({ name }) => client.query('INSERT INTO umzug VALUES ($1)', [name]),
          unlogMigration: ({ name }) => client.query('DELETE FROM umzug WHERE name = $1', [name]),
          executed: async () =>
            (await client.query('SELECT name FROM umzug ORDER BY 1')).rows.map(({ name }) => name),
        },
      }).up();
    }),
  kysely: async () => {
    const { Kysely, Migrator, PostgresDialect, sql } = await load('kysely');
    const { Pool } = await load('pg');
    const db = new Kysely({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: url, max: 1 }) }),
    });
    const all = Object.fromEntries(
      steps().map(({ id, up }) => [id, { up: (on) => sql.raw(up).execute(on) }]),
    );
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: async () => all },
    }).migrateToLatest();
    await db.destroy();
    if (error) throw error;
  },
  'node-pg-migrate': async () => {
    const { runner } = await load('node-pg-migrate');
    await runner({
      databaseUrl: url,
      dir: join(folder, 'node-pg-migrate'),
      direction: 'up',
      migrationsTable: 'pgmigrations',
      singleTransaction: false,
      log: () => {},
      verbose: false,
    });
  },
  drizzle: () =>
    connected(async (client) => {
      const { drizzle } = await load('drizzle-orm/node-postgres');
      const { migrate } = await load('drizzle-orm/node-postgres/migrator');
      await migrate(drizzle(client), { migrationsFolder: join(folder, 'drizzle') });
    }),
};

await TOOLS[tool]();
