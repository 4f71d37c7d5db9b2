import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/schema.js';
import { parseUrl } from '../../lib/database/connection/url.js';
import { readCatalogueFile } from '../../lib/evidence/catalogue-file.js';
import { buildGraph } from '../../lib/graph/build.js';
import { lookup } from '../../lib/graph/lookup.js';
import { isRevgraphError } from '../../lib/index.js';
import { namingOf } from '../../lib/project/targets.js';
import { readHeader } from '../../lib/revision/header/header.js';
import { splitSections } from '../../lib/revision/sections.js';
import { normalised } from '../../lib/revision/text.js';
import { splitStatements } from '../../lib/sql/statements.js';
import { type Dice, diceOf } from '../support/code-edits.js';
import { mutated, mutatedValue } from './mutations.js';

/*
 * Whatever is read may be anything: it is read, or refused by an error of ours, in little time. `npm run test:fuzz` tries 200,000 of
 * each; `REVGRAPH_SEED` repeats one.
 */

const COUNT = Number(process.env.REVGRAPH_FUZZ ?? 1500);
const FIRST = Number(process.env.REVGRAPH_SEED ?? 1);
/** Of the processor; the first look at one may be that of the garbage collector. */
const MOST_MS = 100;

const SQL = [
  "CREATE TABLE a (id int PRIMARY KEY, name text DEFAULT 'a;b', CHECK (id > 0));",
  "DO $do$ BEGIN RAISE NOTICE 'x; y'; END $do$; SELECT 1;",
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;',
  "INSERT INTO a VALUES (1, E'\\'x'), (2, U&'d\\0061'), (3, $$ ; $$); -- a comment\n/* and /* one */ inside */",
  'CREATE INDEX CONCURRENTLY i ON a (lower(name)) WHERE id > 1; VACUUM a;',
  'ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 1, ADD CONSTRAINT c UNIQUE (b);',
  "SET LOCAL lock_timeout = '5s'; GRANT SELECT ON a TO public; COMMENT ON TABLE a IS 'it''s';",
];
const FILES = [
  `-- makes a\n--\n-- @revision a1b2\n-- @revises c3, d4\n-- @label shop\n-- @depends-on ?e5, shop@head\n-- @requires postgres >=14, extension pg_trgm\n\n-- @precheck "empty" expect 0\nSELECT count(*) FROM a;\n-- @upgrade\n${SQL[0]}\n-- @verify "there"\nSELECT true;\n-- @downgrade\nDROP TABLE a;\n`,
  `-- fills\n--\n-- @revision f6\n-- @background\n-- @formerly old1\n-- @replaces a1, b2\n-- @batch "fill" table a key id size 100 fills name mark done\nUPDATE a SET name = 'x' FROM batch WHERE a.id = batch.id;\n`,
  `-- none\n--\n-- @revision g7\n-- @transaction none\n-- @breaks-before 2.0.0\n-- @upgrade\n${SQL[4]}\n-- @downgrade\n-- nothing\n`,
];
const CODE = [
  '/**\n * Fills\n *\n * @revision c64001afbd46\n * @revises 9c23e4e81011\n * @idempotent\n */\nexport async function upgrade({ db }) {}\n',
];
const TARGETS = [
  'head',
  'heads',
  'base',
  'a1',
  'a1+1',
  'b2-1',
  'shop@head',
  'shop@base',
  '+2',
  '-1',
  'a1:b2',
  'v1.0.2',
  '^1.0.0',
  'current',
  'a1b2c3',
];
const URLS = [
  'postgresql://user:pa%40ss@host:5432/name?sslmode=require&target_session_attrs=read-write',
  'postgres://u@h1:1,[::1]:2/d?host=/run/x&options=-c%20a%3Db',
  'pglite:folder/db',
  'postgresql:///d?service=x&passfile=/nope',
];
const CONFIG = {
  revisions: './revisions',
  url: 'postgresql://u@h/d',
  schema: 'app',
  versionTable: 'v',
  lockTimeoutMs: 5000,
  edited: 'warn',
  releases: { '1.0.0': 'a1', '1.1.0': ['b2'] },
  runsOn: { '1.0.0': '>=a1 <b2' },
  checks: [{ title: 'x', sql: 'SELECT true' }],
  expect: { database: ['a', 'b'] },
  backup: { file: 'x', maxAgeHours: 2 },
  preflight: { bigTableRows: 10 },
  matrix: { starts: [{ name: 'x', release: '1.0.0' }] },
};
const GRAPH = buildGraph([
  { id: 'a1', labels: ['shop'] },
  { id: 'b2', revises: ['a1'] },
  { id: 'c3', revises: ['a1'] },
  { id: 'a1b2c3', revises: ['b2', 'c3'] },
]);

const folder = mkdtempSync(join(tmpdir(), 'revgraph-fuzz-'));
const catalogue = join(folder, 'catalogue.json');
const place = { file: 'a.sql', line: 1 };

/** What reads each, given dice. */
const READERS: Readonly<Record<string, (dice: Dice) => unknown>> = {
  header: (dice) => {
    const [seeds, kind] = dice(3) === 0 ? ([CODE, 'code'] as const) : ([FILES, 'sql'] as const);
    return readHeader(normalised(mutated(seeds, dice)), 'a.sql', kind);
  },
  sections: (dice) => splitSections(normalised(mutated(FILES, dice)), 'a.sql'),
  statements: (dice) => splitStatements(mutated(SQL, dice), place),
  targets: async (dice) => {
    const naming = await namingOf({ '1.0.2': 'a1', '1.1.0': 'b2' });
    return [naming.all(GRAPH, mutated(TARGETS, dice))].flat().map((one) => lookup(GRAPH, one));
  },
  configuration: (dice) => parseConfig(mutatedValue(CONFIG, dice, URLS), 'revgraph.config.json'),
  catalogue: async (dice) => {
    const entry = { revision: 'a1', parents: ['b'], checksum: 'x', adds: ['table a'], removes: [] };
    const revisions = mutatedValue([entry, { ...entry, unseen: ['rows of a'] }], dice, FILES);
    const told = Array.isArray(revisions)
      ? revisions.map((one) => {
          const { revision, parents, checksum, adds, removes, ...more } = (one ?? {}) as Record<
            string,
            unknown
          >;
          return [
            revision,
            parents,
            checksum,
            adds,
            removes,
            ...(Object.keys(more).length > 0 ? [more] : []),
          ];
        })
      : revisions;
    const digest = createHash('sha256')
      .update(JSON.stringify(told) ?? '')
      .digest('hex');
    const text = JSON.stringify({ format: 3, digest, revisions });
    writeFileSync(catalogue, dice(4) === 0 ? mutated([text], dice) : text);
    return readCatalogueFile(catalogue);
  },
  URLs: (dice) => parseUrl(mutated(URLS, dice)),
};

test.each(Object.keys(READERS))(`%s: ${COUNT} are read, or refused by name`, async (name) => {
  const read = READERS[name] as (dice: Dice) => unknown;
  const wrong: string[] = [];
  let refused = 0;
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const once = async (): Promise<number> => {
      const before = process.cpuUsage();
      try {
        await read(diceOf(seed));
      } catch (error) {
        refused++;
        if (!isRevgraphError(error) || error.code === 'internal')
          wrong.push(`seed ${seed}: ${String(error)}`);
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    // What other threads of this process do counts too: one that is slow is slow again.
    if ((await once()) > MOST_MS && (await once()) > MOST_MS && (await once()) > MOST_MS)
      wrong.push(`seed ${seed}: more than ${MOST_MS} ms`);
    if (wrong.length > 5) break;
  }
  expect(wrong).toEqual([]);
  // Readers that report what is wrong refuse nothing; the others do now and then.
  if (name !== 'header') expect(refused).toBeGreaterThan(0);
});
