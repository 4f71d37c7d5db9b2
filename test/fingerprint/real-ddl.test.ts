import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFactRows } from '../../lib/database/introspect.js';
import { type CatalogueEntry, expectedFacts, knownBy } from '../../lib/fingerprint/catalogue.js';
import { difference, type Snapshot, subjectOf, toSnapshot } from '../../lib/fingerprint/fact.js';
import { identify, type Nature } from '../../lib/fingerprint/identify.js';
import type { Graph } from '../../lib/graph/graph.js';
import { marked } from '../../lib/graph/walk.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { knowable } from './oracle.js';
import { randomDdl } from './random-ddl.js';
import { type Choose, chooser, shapes } from './worlds.js';

/* Random revisions run on a real server: what is read back from it, and what is found out from that. */

const CASES = Number(process.env.REVGRAPH_DDL_CASES ?? 40);

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
