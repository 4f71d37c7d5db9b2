/*
 * When is a schema that differs from a revision that revision with some drift? Four rules over the reference graph: databases in
 * which a revision ran by half, which none of them may stamp, and databases in which one thing was changed by hand.
 * The figures of docs/decisions/0010-drift.md: `npm run build && node bench/drift.mjs`.
 */
import { readFactRows, readFactRowsInside } from '../dist/lib/database/catalog/introspect.js';
import { withSession } from '../dist/lib/database/connection/connect.js';
import { readCatalogue, toCatalogue } from '../dist/lib/evidence/catalogue-file.js';
import { identifyFacts } from '../dist/lib/evidence/observe.js';
import { comparable } from '../dist/lib/fingerprint/comparable.js';
import { withoutObjects } from '../dist/lib/fingerprint/drift/judge.js';
import { subjectOf, toSnapshot } from '../dist/lib/fingerprint/fact.js';
import { identify } from '../dist/lib/fingerprint/identify.js';
import { loadProject } from '../dist/lib/project/project.js';
import { splitStatements } from '../dist/lib/sql/statements.js';

const FOLDER = 'revisions';
const PREFIXES = 6;
const EXTENSIONS = ['pg_trgm', 'btree_gin', 'uuid-ossp'];

const project = await loadProject(FOLDER);
const { graph, revisions } = project;
const catalogue = toCatalogue(await readCatalogue(`${FOLDER}/catalogue.json`));
const again = { nature: () => 'idempotent' };

/** Of each object that differs, the last revision of the set that wrote it. */
function writersOf({ applied, differences }) {
  const objects = new Set(differences.map(({ object }) => object));
  const writers = new Map();
  for (const id of applied)
    for (const fact of [...catalogue.get(id).adds, ...catalogue.get(id).removes])
      if (objects.has(subjectOf(fact))) writers.set(subjectOf(fact), id);
  return new Set(writers.values());
}

const RULES = {
  'the same set, whatever the objects': ({ found }) => {
    const objects = new Set(found.differences.map(({ object }) => object));
    const { stamp, match } = identify(graph, withoutObjects(catalogue, objects), found.observed, again);
    return match === 'exact' && stamp.join() === found.stamp.join();
  },
  'the nearest, with 3 differences at most': ({ found }) => found.candidates[0].score <= 3,
  "90 % of the writer's facts": ({ found }) =>
    [...writersOf(found)].every((id) => {
      const { adds } = catalogue.get(id);
      return adds.filter((fact) => found.observed.has(fact)).length >= 0.9 * adds.length;
    }),
  'confirmed by what came later (this one)': ({ settled }) => settled.match === 'drifted',
};

async function judged(observed) {
  const facts = comparable(catalogue, observed);
  const found = { ...identify(graph, catalogue, facts, again), observed: facts };
  const settled = await identifyFacts({ project, session: undefined }, catalogue, facts);
  const isOff = found.match === 'near';
  const accepted = Object.entries(RULES).map(([, holds]) => isOff && holds({ found, settled }));
  return { found, accepted, isOff };
}

const half = { databases: 0, tooHigh: Object.keys(RULES).map(() => 0) };
const byKind = {};

/** One thing changed by hand, in the facts. */
const CHANGES = {
  'dropped index': (facts) =>
    facts.filter((f) => /^index .*: CREATE INDEX /.test(f)).map((f) => ({ without: f, with: [] })),
  'renamed constraint': (facts) =>
    facts
      .filter((f) => f.startsWith('constraint '))
      .map((f) => ({ without: f, with: [f.replace(/\.[^.: ]+: /, '.by_hand: ')] })),
  'changed default': (facts) =>
    facts
      .filter((f) => / default /.test(f))
      .map((f) => ({ without: f, with: [f.replace(/ default .*/, ' default 42')] })),
};

/** Every n-th, so that each state has its share. */
const some = (list, most) => list.filter((_, i) => i % Math.ceil(list.length / most || 1) === 0);

async function drifted(clean, applied) {
  for (const [kind, changes] of Object.entries(CHANGES))
    for (const change of some(changes([...clean].sort()), 12)) {
      const observed = new Set(clean);
      observed.delete(change.without);
      for (const fact of change.with) observed.add(fact);
      const { found, accepted, isOff } = await judged(observed);
      if (!isOff) continue;
      byKind[kind] ??= { databases: 0, right: Object.keys(RULES).map(() => 0) };
      byKind[kind].databases++;
      const right = found.applied.every((id) => applied.has(id));
      accepted.forEach((is, i) => {
        if (is && right) byKind[kind].right[i]++;
      });
    }
}

await withSession('pglite:memory', {}, async (session) => {
  await session.provideExtensions?.(EXTENSIONS);
  const applied = new Set();
  for (const id of graph.ids) {
    const body = await revisions.get(id).body();
    if (body.kind === 'code') break;
    const statements =
      body.upgrade === null ? [] : await splitStatements(body.upgrade.sql, { file: id, line: 1 });
    for (let k = 1; k <= PREFIXES; k++) {
      const count = Math.floor((statements.length * k) / (PREFIXES + 1));
      if (count === 0 || count === statements.length) continue;
      await session.query('BEGIN');
      for (const { sql } of statements.slice(0, count)) await session.query(sql);
      const observed = toSnapshot(await readFactRowsInside(session));
      await session.query('ROLLBACK');
      const { found, accepted } = await judged(observed);
      half.databases++;
      const isHigh = found.applied.some((one) => !applied.has(one));
      accepted.forEach((is, i) => {
        if (is && isHigh) half.tooHigh[i]++;
      });
    }
    for (const { sql } of statements) await session.query(sql);
    applied.add(id);
    await drifted(toSnapshot(await readFactRows(session)), applied);
  }
});

const kinds = Object.entries(byKind);
console.log(
  `| rule | stamps too high, of ${half.databases} half-applied | ${kinds.map(([kind, { databases }]) => `${kind}, of ${databases}`).join(' | ')} |`,
);
console.log(`|---|---|${kinds.map(() => '---|').join('')}`);
Object.keys(RULES).forEach((rule, i) => {
  console.log(`| ${rule} | ${half.tooHigh[i]} | ${kinds.map(([, { right }]) => right[i]).join(' | ')} |`);
});
