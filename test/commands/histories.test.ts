import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accept,
  downgrade,
  isRevgraphError,
  type RevgraphError,
  type Revision,
  repair,
  type Status,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import {
  below,
  type Code,
  dependenciesOf,
  type File,
  fileOf,
  made,
  revisionOf,
} from '../support/changing-code.js';
import { diceOf, edited } from '../support/code-edits.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/*
 * Random histories: files are inserted, re-parented, edited, deleted, renamed and squashed between runs, downgrades and stamps of
 * older and newer code on one database, which another tool may have begun. The oracle is a table of what really ran, written by the
 * revisions themselves: a token per original revision, unique. A stamp is somebody's word: the oracle is told the same.
 */

/** `REVGRAPH_REPETITIONS=20000` for a long run, `REVGRAPH_SEED` to repeat one history. */
const HISTORIES = Number(process.env.REVGRAPH_REPETITIONS ?? 500);
const FIRST = Number(process.env.REVGRAPH_SEED ?? 1);
const STEPS = 14;

let home: TestDatabase;
let database: pg.Client;
beforeAll(async () => {
  home = await freshDatabase();
  database = new pg.Client(home.url);
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await home.drop();
});

async function ranTokens(): Promise<Set<string>> {
  const { rows } = await database.query<{ token: string }>('SELECT token FROM oracle.ran');
  return new Set(rows.map(({ token }) => token));
}

/** What each token stood on when it ran: files may be gone since. */
const ranUpon = new Map<string, Set<string>>();

/** Tokens of squashes that do not say what they took the place of. */
const unnamed = new Set<string>();

/** The tokens of the parents of each token when it ran: what `LABEL@head` was then, or would have been, it stays. */
const ranWith = new Map<string, readonly string[]>();

/** As a database has it: what ran keeps a dependency that has moved on since. */
const needsIn =
  (code: Code, ran: ReadonlySet<string>) =>
  (file: File): readonly string[] => {
    const then = file.does.length === 1 && ran.has(file.id) ? ranWith.get(file.id) : undefined;
    if (then === undefined || !file.dependsOn.some((name) => name.includes('@')))
      return dependenciesOf(code, file);
    const firm = { ...file, dependsOn: file.dependsOn.filter((name) => !name.includes('@')) };
    const kept = code.filter(({ does }) => does.some((token) => then.includes(token))).map(({ id }) => id);
    return [...dependenciesOf(code, firm), ...kept];
  };

const tokensOf = (code: Code, ids: Iterable<string>): string[] =>
  [...ids].flatMap((id) => code.find((file) => file.id === id)?.does ?? []);

/** Notes what came by a run. */
async function noteRun(code: Code, before: ReadonlySet<string>): Promise<void> {
  for (const token of await ranTokens()) {
    const file = before.has(token) ? undefined : code.find(({ does }) => does.includes(token));
    if (file === undefined) continue;
    ranUpon.set(token, new Set(tokensOf(code, below(code, file.id))));
    ranWith.set(token, tokensOf(code, [...file.revises, ...dependenciesOf(code, file)]));
  }
}

/** Somebody says that these rows are what the database has. Of what the code does not know, what they ran upon stays. */
async function tellOracle(code: Code, rows: readonly string[]): Promise<void> {
  const ran = await ranTokens();
  const needs = needsIn(code, ran);
  const has = new Set(tokensOf(code, new Set(rows.flatMap((row) => [row, ...below(code, row, needs)]))));
  const known = new Set(
    tokensOf(
      code,
      code.map(({ id }) => id),
    ),
  );
  for (const token of has)
    for (const under of ranUpon.get(token) ?? []) if (!known.has(under) && ran.has(under)) has.add(under);
  await database.query('DELETE FROM oracle.ran WHERE token <> ALL ($1)', [[...has]]);
  await database.query('INSERT INTO oracle.ran SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [[...has]]);
}

/** What is reported as applied really ran. */
async function assertTrue(code: Code, trail: readonly string[]): Promise<void> {
  const options = { revisions: code.map(revisionOf), database };
  const found: Status | null = await status(options).catch((error: unknown) => {
    if (isRevgraphError(error)) return null;
    throw error;
  });
  if (found === null || ['ahead', 'below', 'lost'].includes(found.state)) return;
  const open = new Set([...found.pending, ...found.missed.map(({ revision }) => revision)]);
  const ran = await ranTokens();
  for (const file of code)
    if (!open.has(file.id))
      for (const token of file.does)
        expect(ran.has(token), `${file.id} counts as applied: ${trail.join(' ')}`).toBe(true);
}

/** Runs; what is refused by a decision that has to be made is fine, and what the advice says is done. */
async function run(
  code: Code,
  what: 'up' | 'down' | 'stamp',
  dice: (below: number) => number,
): Promise<string> {
  const options = { revisions: code.map(revisionOf), database };
  const target = (code[dice(code.length)] as File).id;
  try {
    if (what === 'up') await upgrade({ ...options, target: 'heads' });
    // What no file has is taken back by what the ledger keeps.
    else if (what === 'down') await downgrade({ ...options, target, confirmed: true });
    else await tellOracle(code, (await stamp({ ...options, target, reason: 'told so', confirmed: true })).to);
    return 'done';
  } catch (error) {
    const refusal = refusalOf(error, code);
    if (refusal !== 'missed_revisions' || !isRevgraphError(error, 'missed_revisions')) return refusal;
    return decide({ ...options, target: 'heads' }, error, code);
  }
}

/** The advice leads to the heads: what is missed is repaired, and of what stood on that it is said then that it is there. */
async function decide(
  options: { revisions: Revision[]; database: pg.Client; target: string },
  refused: RevgraphError<'missed_revisions'>,
  code: Code,
): Promise<string> {
  const { missed } = refused.details;
  const shaken = missed.filter((one) => one.shaken === true);
  // Its token is in the table, whatever older code did to what is below: it is there.
  for (const { revision } of shaken) await accept({ ...options, revision, reason: 'it is there' });
  try {
    if (shaken.length < missed.length) await repair(options);
    await upgrade(options);
    return 'repaired';
  } catch (after) {
    const refusal = refusalOf(after, code);
    if (refusal === 'unnamed_squash') return refusal;
    const isNext = isRevgraphError(after, 'missed_revisions') && shaken.length < missed.length;
    if (isNext && after.details.missed.every((one) => one.shaken === true))
      return decide(options, after, code);
    throw after;
  }
}

/** The code of a refusal; a token that is there already is none: something ran twice. */
function refusalOf(error: unknown, code: Code): string {
  if (!isRevgraphError(error)) throw error;
  // What was written again under another id with no word of it is new to everybody, and the advice is to name what it took the
  // place of.
  const isUnnamed = (id: string) => fileOf(code, id)?.does.some((token) => unnamed.has(token)) === true;
  if (error.is('missed_revisions') && error.details.missed.some(({ revision }) => isUnnamed(revision)))
    return 'unnamed_squash';
  if (!error.is('step_failed')) return error.code;
  if (isUnnamed(error.details.failed)) return 'unnamed_squash';
  throw error;
}

test(
  `${HISTORIES} histories: nothing counts as applied that never ran, and nothing runs twice`,
  async () => {
    const seen = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + HISTORIES; seed++) {
      const dice = diceOf(seed);
      ranUpon.clear();
      ranWith.clear();
      unnamed.clear();
      let names = 0;
      const fresh = () => `r${seed}_${++names}`;
      await database.query(
        'DROP SCHEMA IF EXISTS oracle CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
      );
      await database.query('CREATE SCHEMA oracle; CREATE TABLE oracle.ran (token text PRIMARY KEY)');
      const first = fresh();
      let code: Code = [made(first, [])];
      const trail: string[] = [`seed ${seed}`];
      if (dice(4) === 0) {
        // Another tool began. What its table covered is written down by the first run.
        const second = fresh();
        code = [...code, made(second, [first])];
        await database.query('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
        await database.query('INSERT INTO alembic_version VALUES ($1)', [second]);
        await tellOracle(code, [second]);
        ranUpon.set(second, new Set([first]));
        code = [...code, made(fresh(), [second])];
        const before = await ranTokens();
        await run(code, 'up', dice);
        await noteRun(code, before);
        trail.push('adopted');
      }
      const versions: Code[] = [code];
      for (let step = 0; step < STEPS; step++) {
        const roll = dice(10);
        if (roll < 5) {
          code = edited(code, dice, fresh);
          for (const { forgot, does } of code) if (forgot) for (const token of does) unnamed.add(token);
          versions.push(code);
          trail.push('edit');
        } else {
          // Now and then older code runs on the same database.
          const running = roll === 9 ? (versions[dice(versions.length)] as Code) : code;
          const what = roll === 8 ? (dice(4) === 0 ? 'stamp' : 'down') : 'up';
          const before = await ranTokens();
          const came = await run(running, what, dice).catch((error: unknown) => {
            throw new Error(`${trail.join(' ')} ${what}: ${String(error)}`, { cause: error });
          });
          await noteRun(running, before);
          trail.push(`${what}:${came}`);
          seen.set(came, (seen.get(came) ?? 0) + 1);
          if (running !== code) await assertTrue(running, trail);
        }
        await assertTrue(code, trail);
      }
    }
    // A test that refuses everything would see nothing.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['done', 'repaired']));
    expect((seen.get('done') ?? 0) / [...seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0.3);
  },
  60_000 + HISTORIES * 1_000,
);
