import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFactRows } from '../../lib/database/catalog/introspect.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { toCatalogue } from '../../lib/evidence/catalogue-file.js';
import { type CatalogueEntry, expectedFacts, knownBy } from '../../lib/fingerprint/catalogue.js';
import { difference, type Snapshot, subjectOf, toSnapshot } from '../../lib/fingerprint/fact.js';
import { identify, type Nature } from '../../lib/fingerprint/identify.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph } from '../../lib/graph/graph.js';
import { marked } from '../../lib/graph/walk.js';
import { buildCatalogue, identify as identifyDatabase, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { knowable } from './oracle.js';
import { randomDdl } from './random-ddl.js';
import { type Choose, chooser, shapes } from './worlds.js';

/* Random revisions run on a real server: what is read back from it, and what is found out from that. */

const CASES = Number(process.env.REVGRAPH_DDL_CASES ?? 25);

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const NONE = { missing: [], unexpected: [] };
const read = async (): Promise<Snapshot> => toSnapshot(await readFactRows(client));
const empty = () => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');

/** Runs every revision once and notes what it changes, as building a catalogue does. */
async function recorded(graph: Graph, statements: readonly string[]): Promise<Map<string, CatalogueEntry>> {
  await empty();
  const catalogue = new Map<string, CatalogueEntry>();
  let before: Snapshot = new Set();
  for (const [n, revision] of graph.ids.entries()) {
    await client.query(statements[n] as string);
    const after = statements[n] === '' ? before : await read();
    const { missing: removes, unexpected: adds } = difference(before, after);
    catalogue.set(revision, { revision, adds, removes });
    before = after;
  }
  return catalogue;
}

async function run(statements: readonly string[], applied: Uint8Array): Promise<void> {
  await empty();
  for (const n of marked(applied)) await client.query(statements[n] as string);
}

/** What a DBA leaves behind that no revision knows. */
const FOREIGN = [
  'CREATE TABLE other (id int PRIMARY KEY, c text)',
  "CREATE FUNCTION other(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT a'",
  "CREATE TYPE others AS ENUM ('x')",
  'CREATE SEQUENCE other_numbers',
];
/** The same on a table that revisions know. */
const onKnown = (table: string): string[] => [
  `CREATE INDEX dba ON ${table} (id, abs(id))`,
  `ALTER TABLE ${table} ADD COLUMN dba serial`,
  `ALTER TABLE ${table} ADD CONSTRAINT dba CHECK (id <> 77)`,
  `COMMENT ON COLUMN ${table}.id IS 'the number'`,
  `CREATE VIEW dba_view AS SELECT id FROM ${table}`,
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
];

/** A change by hand of an object that a fact is about; null for kinds that are left alone. */
function byHand(fact: string): string | null {
  const [, kind = '', name = ''] = /^((?:comment on )?\w+) (\S+?)(?:: |\(|$)/.exec(fact) ?? [];
  const [, table = '', part = ''] = name.split('.');
  if (kind === 'table') return `DROP TABLE ${name} CASCADE`;
  if (kind === 'view') return `DROP VIEW ${name}`;
  if (kind === 'index') return `DROP INDEX public.${table}`;
  if (kind === 'constraint') return `ALTER TABLE public.${table} DROP CONSTRAINT ${part} CASCADE`;
  if (kind === 'enum') return `ALTER TYPE ${name} ADD VALUE 'by hand'`;
  if (kind === 'function') return `DROP FUNCTION ${fact.slice('function '.length).replace(/: .*/, '')}`;
  if (kind === 'comment on table') return `COMMENT ON TABLE ${name} IS 'by hand'`;
  if (kind !== 'column' || table.startsWith('v')) return null;
  if (part === 'id') return `ALTER TABLE public.${table} ALTER id SET DEFAULT 7`;
  return fact.length % 2 === 0
    ? `ALTER TABLE public.${table} DROP COLUMN ${part}`
    : `ALTER TABLE public.${table} ALTER ${part} TYPE varchar(99)`;
}

const natureOf =
  (seed: number) =>
  (id: string): Nature =>
    (['nothing', 'idempotent', 'matters'] as const)[(Number(id.slice(1)) + seed) % 3] as Nature;
const sorted = (list: Iterable<string>): string[] => [...list].sort();

async function tried(graph: Graph, choose: Choose, applied: Uint8Array): Promise<'right' | 'drifted'> {
  const statements = randomDdl(graph, choose);
  const catalogue = await recorded(graph, statements);
  await run(statements, applied);
  const clean = await read();
  // Whatever else was applied before: a revision does the same.
  expect(difference(expectedFacts(graph, catalogue, applied), clean)).toEqual(NONE);

  const tables = sorted(clean)
    .filter((fact) => fact.startsWith('table '))
    .map((fact) => fact.slice(6));
  const table = tables[choose(tables.length || 1)];
  const foreign = [...FOREIGN, ...(table === undefined ? [] : onKnown(table))].filter(() => choose(3) === 0);
  for (const statement of foreign) await client.query(statement);
  const facts = sorted(clean);
  const drift =
    choose(2) === 0 ? [] : [facts[choose(facts.length || 1)]].flatMap((fact) => (fact && byHand(fact)) || []);
  for (const statement of drift) await client.query(statement);
  const observed = await read();

  const nature = natureOf(choose(3));
  const found = identify(graph, catalogue, observed, { nature });
  const { isState, surely, possibly } = knowable(graph, catalogue, observed);
  const told = { statements, applied: graph.idsOf(marked(applied)), foreign, drift };
  const known = knownBy(catalogue);
  const unknown = [...observed].filter((fact) => !known.subjects.has(subjectOf(fact)));
  expect(found.foreign, JSON.stringify(told, null, 1)).toEqual(expect.arrayContaining(unknown));
  if (!isState) {
    expect(['near', 'none'], JSON.stringify(told, null, 1)).toContain(found.match);
    return 'drifted';
  }
  const undetermined = possibly.filter((id) => !surely.includes(id));
  const settled = undetermined.some((id) => nature(id) === 'matters') ? 'ambiguous' : 'exact';
  const match = surely.length > 0 ? settled : observed.size > 0 ? 'none' : 'empty';
  expect(
    { match: found.match, applied: sorted(found.applied), undetermined: sorted(found.undetermined) },
    JSON.stringify(told, null, 1),
  ).toEqual({ match, applied: sorted(surely), undetermined: sorted(undetermined) });
  if (drift.length === 0) for (const id of surely) expect(told.applied).toContain(id);
  return 'right';
}

test(`${CASES} random graphs of real statements: all that can be known, no more, and never certain of a drifted one`, async () => {
  const seen = { right: 0, drifted: 0 };
  await fc.assert(
    fc.asyncProperty(shapes(9), async ({ graph, seed, applied }) => {
      seen[await tried(graph, chooser(seed), applied)]++;
    }),
    { numRuns: CASES, endOnFailure: CASES < 100 },
  );
  expect(seen.right).toBeGreaterThan(CASES / 4);
  expect(seen.drifted).toBeGreaterThan(CASES / 20);
  if (CASES >= 100) console.log(seen);
}, 3_600_000);

test('the same by revision files, through the commands', async () => {
  for (const seed of Array.from({ length: Math.ceil(CASES / 25) }, (_, i) => 7 * i + 3)) {
    /* r0 ─┬─ r1 ─ r3 ─┬─ r5
     *     └─ r2 ─ r4 ─┘        */
    const parents = [[], [0], [0], [1], [2], [3, 4]];
    const graph = buildGraph(
      parents.map((above, n) => ({ id: `r${n}`, revises: above.map((p) => `r${p}`) })),
    );
    const statements = randomDdl(graph, chooser(seed));
    const files = graph.ids.map((id, n): [string, string] => {
      const revises = graph.idsOf(graph.parents[n] ?? []).join(', ');
      // What a DO block does, nobody knows.
      const upgrade = statements[n] || 'DO $$ BEGIN END $$;';
      return [
        `${id}.sql`,
        sql(id, { ...(revises === '' ? {} : { revises }), upgrade, downgrade: 'SELECT 1;' }),
      ];
    });
    const folder = folderWith(Object.fromEntries(files));
    const { entries } = await buildCatalogue({ revisions: folder });
    const own = await freshDatabase();
    const options = { revisions: folder, database: own.url };
    for (const revision of graph.ids) {
      await upgrade({ ...options, target: revision });
      const observed = await withSession(own.url, {}, async (one) => toSnapshot(await readFactRows(one)));
      const { surely, possibly } = knowable(graph, toCatalogue(entries), observed);
      const { match, applied, undetermined } = await identifyDatabase(options);
      const settled = possibly.length > surely.length ? 'ambiguous' : 'exact';
      expect({
        seed,
        revision,
        match,
        applied: sorted(applied),
        known: applied.length + undetermined.length,
      }).toEqual({
        seed,
        revision,
        match: surely.length > 0 ? settled : 'empty',
        applied: sorted(surely),
        known: possibly.length,
      });
    }
    await own.drop();
  }
}, 3_600_000);
