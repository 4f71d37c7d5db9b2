import { readFileSync } from 'node:fs';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DatabaseSource, downgrade, type Queryable, status, upgrade } from '../../lib/index.js';
import { freshDatabase, freshPGlite } from '../support/databases.js';
import { comparableTables, readSchemaFacts, type SchemaFacts } from './schema-facts.js';

/*
 * 20251011_baseline_v106 ─┬─ c5bc995c619f ─ … ─ 336ce8830dfe ─┬──────────────────────────────┐
 *                         └─ 20251019_conv_summaries ── b06ced8ecd14 ─ a71d… ─ 27e2… ─ ab68d77b5088 ─ 9c23… ─ c64001afbd46
 *
 * The second merge is redundant: 336ce8830dfe is an ancestor of 27e207ded5a0.
 */

const BASELINE = '20251011_baseline_v106';
const HEAD = 'c64001afbd46';
const facts = (release: string) =>
  comparableTables(JSON.parse(readFileSync(`fixtures/whisperengine/${release}.json`, 'utf8')) as SchemaFacts);

interface Engine {
  database: DatabaseSource;
  client: Queryable;
  close(): Promise<unknown>;
}

async function onServer(): Promise<Engine> {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return { database: database.url, client, close: async () => client.end().then(database.drop) };
}

async function onPGlite(): Promise<Engine> {
  const pglite = await freshPGlite({ btree_gin, pg_trgm, uuid_ossp });
  const client: Queryable = {
    query: async (text) => {
      const results = await pglite.exec(text);
      return { rows: (results.at(-1)?.rows ?? []) as Record<string, unknown>[], rowCount: null };
    },
  };
  return { database: pglite, client, close: () => pglite.close() };
}

describe.each([
  ['a PostgreSQL server', onServer],
  ['PGlite', onPGlite],
])('the reference graph on %s', (_, open) => {
  let engine: Engine;
  const options = () => ({ revisions: 'revisions', database: engine.database });
  const read = async () => comparableTables(await readSchemaFacts((sql) => engine.client.query(sql)));
  const count = async (table: string) =>
    Number((await engine.client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n);
  const personality = async () => [
    await count('personality_traits'),
    await count('communication_styles'),
    await count('character_values'),
  ];

  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine?.close());

  test('the baseline alone is the schema of v1.0.6', async () => {
    const { steps, to } = await upgrade({ ...options(), target: BASELINE });
    expect([steps.length, to]).toEqual([1, [BASELINE]]);
    const found = await read();
    expect(Object.keys(found)).toHaveLength(72);
    expect(found).toEqual(facts('v1.0.6'));
  });

  test('all of it is the schema of v1.0.28, with the personality of the assistant', async () => {
    const { steps, to } = await upgrade({ ...options(), target: 'head' });
    expect([steps.length, to]).toEqual([23, [HEAD]]);
    const found = await read();
    expect(Object.keys(found)).toHaveLength(89);
    expect(found).toEqual(facts('v1.0.28'));
    expect(await personality()).toEqual([5, 1, 3]);
  });

  test('a second run has nothing to do', async () => {
    const { steps, from, to } = await upgrade({ ...options(), target: 'head' });
    expect([steps, from, to]).toEqual([[], [HEAD], [HEAD]]);
    expect(await status(options())).toMatchObject({
      state: 'current',
      current: [HEAD],
      heads: [HEAD],
      pending: [],
    });
  });

  test('down below the redundant merge and up again, where Alembic gets stuck', async () => {
    const down = await downgrade({ ...options(), target: 'ab68d77b5088' });
    expect(down.to).toEqual(['ab68d77b5088']);
    const below = await downgrade({ ...options(), target: '27e207ded5a0' });
    // 336ce8830dfe is also a parent of the merge, but 27e207ded5a0 includes it: one row, not two.
    expect(below.to).toEqual(['27e207ded5a0']);
    expect((await upgrade({ ...options(), target: 'head' })).to).toEqual([HEAD]);
    expect(await read()).toEqual(facts('v1.0.28'));
    expect(await personality()).toEqual([5, 1, 3]);
  });

  test('down to base and up again ends in the same facts', async () => {
    const down = await downgrade({ ...options(), target: 'base' });
    expect([down.steps.length, down.to]).toEqual([24, []]);
    expect(await read()).toEqual({});
    expect((await upgrade({ ...options(), target: 'head' })).steps).toHaveLength(24);
    expect(await read()).toEqual(facts('v1.0.28'));
    expect(await personality()).toEqual([5, 1, 3]);
  });

  test('a value of the assistant that a user has set is left alone', async () => {
    await downgrade({ ...options(), target: '9c23e4e81011' });
    await engine.client.query(
      `INSERT INTO personality_traits (character_id, trait_name, trait_value)
       SELECT id, 'openness', 0.11 FROM characters WHERE normalized_name = 'assistant'`,
    );
    await upgrade({ ...options(), target: 'head' });
    const { rows } = await engine.client.query(
      "SELECT trait_value::text AS v FROM personality_traits WHERE trait_name = 'openness'",
    );
    expect(rows).toEqual([{ v: '0.11' }]);
    expect(await count('personality_traits')).toBe(5);
  });

  test('one bad preferences value stops the conversion before anything runs, and is named', async () => {
    await downgrade({ ...options(), target: '336ce8830dfe' });
    await engine.client.query(
      `INSERT INTO universal_users (universal_id, primary_username, preferences) VALUES ('good', 'g', '{"a": 1}'), ('bad', 'b', 'not json')`,
    );
    const refused = await upgrade({ ...options(), target: 'head' }).catch((error: Error) => error);
    expect(refused).toMatchObject({
      code: 'check_failed',
      details: { revision: 'a71d62f22c10', section: 'precheck' },
    });
    expect((refused as Error).message).toContain('not json');
    expect((await status(options())).pending).toContain('b06ced8ecd14');
    await engine.client.query("DELETE FROM universal_users WHERE universal_id = 'bad'");
    expect((await upgrade({ ...options(), target: 'head' })).to).toEqual([HEAD]);
    const { rows } = await engine.client.query("SELECT preferences ? 'a' AS kept FROM universal_users");
    expect(rows).toEqual([{ kept: true }]);
  });
});

test('without an assistant the last revision says so and does nothing', async () => {
  const engine = await onServer();
  const options = { revisions: 'revisions', database: engine.database };
  await upgrade({ ...options, target: BASELINE });
  await engine.client.query("UPDATE characters SET normalized_name = 'somebody'");
  const said: string[] = [];
  await upgrade({
    ...options,
    target: 'head',
    onEvent: (event) => event.type === 'log' && said.push(event.message),
  });
  expect(said.join()).toMatch(/assistant/);
  expect((await engine.client.query('SELECT count(*)::int AS n FROM personality_traits')).rows).toEqual([
    { n: 0 },
  ]);
  await engine.close();
});
