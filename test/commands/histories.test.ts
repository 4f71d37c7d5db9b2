import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accept,
  downgrade,
  isRevgraphError,
  type RevgraphError,
  type Revision,
  repair,
  retry,
  type Status,
  script,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { splitStatements } from '../../lib/sql/statements.js';
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
 * older and newer code on one database, which another tool may have begun. Scripts are made and run later, when the database has gone on,
 * or never. The oracle is a table of what really ran, written by the
 * revisions themselves: a token per original revision, unique. A stamp is somebody's word: the oracle is told the same.
 */

/** `REVGRAPH_REPETITIONS=20000` for a long run, `REVGRAPH_SEED` to repeat one history. */
const HISTORIES = Number(process.env.REVGRAPH_REPETITIONS ?? 500);
const FIRST = Number(process.env.REVGRAPH_SEED ?? 1);
const STEPS = 14;

/** What a step outside a transaction says that is to fail. */
const ASKED = 'as it was asked to';
const ORACLE = `CREATE SCHEMA oracle;
  CREATE TABLE oracle.ran (token text PRIMARY KEY);
  CREATE TABLE oracle.ended (token text PRIMARY KEY);
  CREATE TABLE oracle.fails (after int);
  CREATE FUNCTION oracle.may() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM oracle.fails) THEN RAISE EXCEPTION 'it fails, ${ASKED}'; END IF; END $$`;

/** Runs `action`; one in five times steps outside a transaction fail in it. */
async function failingNowAndThen<T>(dice: (below: number) => number, action: () => Promise<T>): Promise<T> {
  const fails = dice(5) === 0;
  if (fails) await database.query('INSERT INTO oracle.fails VALUES (0)');
  try {
    return await action();
  } finally {
    if (fails) await database.query('DELETE FROM oracle.fails');
  }
}

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

async function ranTokens(of: 'ran' | 'ended' = 'ran'): Promise<Set<string>> {
  const { rows } = await database.query<{ token: string }>(`SELECT token FROM oracle.${of}`);
  return new Set(rows.map(({ token }) => token));
}

/** What each token stood on when it ran: files may be gone since. */
const ranUpon = new Map<string, Set<string>>();

/** The same of those that somebody said were there, and that never ran. */
const putUpon = new Map<string, Set<string>>();

/** Tokens of squashes that do not say what they took the place of. */
const unnamed = new Set<string>();

/** The tokens of the parents of each token when it ran: what `LABEL@head` was then, or would have been, it stays. */
const ranWith = new Map<string, readonly string[]>();

/** As a database has it: what ran keeps a dependency that has moved on since. */
const needsIn =
  (code: Code, ran: ReadonlySet<string>) =>
  (file: File): readonly string[] => {
    const [token = '', ...others] = file.does;
    const then = others.length === 0 && ran.has(token) ? ranWith.get(token) : undefined;
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
      // Of a squash that names no parts nobody knows which they were.
      code.flatMap(({ id, forgot }) => (forgot ? [] : [id])),
    ),
  );
  for (const token of has)
    for (const under of ranUpon.get(token) ?? putUpon.get(token) ?? [])
      if (!known.has(under) && ran.has(under)) has.add(under);
  for (const { id, does } of code)
    for (const token of does)
      if (has.has(token)) putUpon.set(token, new Set(tokensOf(code, below(code, id, needs))));
  for (const table of ['oracle.ran', 'oracle.ended']) {
    await database.query(`DELETE FROM ${table} WHERE token <> ALL ($1)`, [[...has]]);
    await database.query(`INSERT INTO ${table} SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [[...has]]);
  }
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
  const ran = await ranTokens('ended');
  const half = found.halfDone.map(({ revision }) => revision);
  const isHalf = ({ id, formerly, replaces }: File): boolean =>
    [id, ...formerly, ...replaces].some((name) => half.includes(name));
  for (const file of code)
    if (!open.has(file.id) && !isHalf(file))
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
    if (isRevgraphError(error, 'unfinished_step'))
      return what === 'up' ? goOn(options, error, code) : error.code;
    if (refusal !== 'missed_revisions' || !isRevgraphError(error, 'missed_revisions')) return refusal;
    return decide({ ...options, target: 'heads' }, error, code);
  }
}

/** Looks at what a step left that stopped halfway, and lets it go on, or begin anew, as the advice says. */
async function goOn(
  options: { revisions: Revision[]; database: pg.Client },
  refused: RevgraphError<'unfinished_step'>,
  code: Code,
): Promise<string> {
  const { revision } = refused.details;
  const [token = '', ...others] = fileOf(code, revision)?.does ?? [];
  const isAsked = refused.hint?.includes(`revgraph retry ${revision} --anew`) === true;
  if (others.length > 0 || !isAsked) return refused.code;
  await retry({ ...options, revision, anew: !(await ranTokens()).has(token) });
  try {
    await upgrade({ ...options, target: 'heads' });
    return 'went_on';
  } catch (error) {
    // Not in a circle: what was decided is not asked about again.
    if (isRevgraphError(error, 'unfinished_step')) expect(error.details.revision).not.toBe(revision);
    return refusalOf(error, code);
  }
}

/** The advice leads to the heads: what is missed is repaired, and of what stood on that it is said then that it is there. */
async function decide(
  options: { revisions: Revision[]; database: pg.Client; target: string },
  refused: RevgraphError<'missed_revisions'>,
  code: Code,
): Promise<string> {
  const { missed } = refused.details;
  const isDoubtful = (one: { shaken?: true; reused?: true }) => one.shaken === true || one.reused === true;
  const doubtful = missed.filter(isDoubtful);
  // Its token is in the table, whatever older code did to what is below: it is there.
  for (const { revision } of doubtful) await accept({ ...options, revision, reason: 'it is there' });
  try {
    if (doubtful.length < missed.length) await repair(options);
    await upgrade(options);
    return 'repaired';
  } catch (after) {
    const refusal = refusalOf(after, code);
    // What is left halfway is decided by whoever looks at what it left.
    if (['unnamed_squash', 'stopped_halfway', 'unfinished_step'].includes(refusal)) return refusal;
    const isNext = isRevgraphError(after, 'missed_revisions') && doubtful.length < missed.length;
    if (isNext && after.details.missed.every(isDoubtful)) return decide(options, after, code);
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
  if (error.message.includes(ASKED)) return 'stopped_halfway';
  if (isUnnamed(error.details.failed)) return 'unnamed_squash';
  throw error;
}

/** A script that waits to be run, and the code that it was made with. */
interface Waiting {
  readonly text: string;
  readonly code: Code;
  /** The rows that a stamp leaves; null: it is none. */
  readonly stamps: readonly string[] | null;
}

async function makeScript(code: Code, dice: (below: number) => number): Promise<Waiting | string> {
  const direction = (['upgrade', 'upgrade', 'downgrade', 'stamp'] as const)[dice(4)] as 'upgrade';
  const target = direction === 'upgrade' ? 'heads' : (code[dice(code.length)] as File).id;
  const options = { revisions: code.map(revisionOf), database, target, direction, reason: 'told so' };
  try {
    const { text, to } = await script(options);
    return { text, code, stamps: (direction as string) === 'stamp' ? to : null };
  } catch (error) {
    return refusalOf(error, code);
  }
}

/** What a script refuses is fine; a token that is there already is not. */
async function runScript({ text, code, stamps }: Waiting): Promise<string> {
  try {
    // As psql does: a text of several statements would be one transaction.
    for (const { sql } of await splitStatements(text, { file: 'script.sql', line: 1 }))
      await database.query(sql);
  } catch (error) {
    await database.query('ROLLBACK');
    if (!(error instanceof pg.DatabaseError)) throw error;
    const [, token = ''] = /\(token\)=\((.*)\)/.exec(error.detail ?? '') ?? [];
    if (unnamed.has(token)) return 'unnamed_squash';
    if (error.message.includes(ASKED)) return 'stopped_halfway';
    if (!error.message.startsWith('revgraph: ')) throw error;
    return 'stopped';
  }
  if (stamps !== null) await tellOracle(code, stamps);
  return 'done';
}

test(
  `${HISTORIES} histories: nothing counts as applied that never ran, and nothing runs twice`,
  async () => {
    const seen = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + HISTORIES; seed++) {
      const dice = diceOf(seed);
      ranUpon.clear();
      putUpon.clear();
      ranWith.clear();
      unnamed.clear();
      let names = 0;
      const fresh = () => `r${seed}_${++names}`;
      await database.query(
        'DROP SCHEMA IF EXISTS oracle CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
      );
      await database.query(ORACLE);
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
      const waiting: Waiting[] = [];
      for (let step = 0; step < STEPS; step++) {
        const roll = dice(12);
        if (roll === 10) {
          const running = dice(3) === 0 ? (versions[dice(versions.length)] as Code) : code;
          const came = await makeScript(running, dice);
          if (typeof came !== 'string') waiting.push(came);
          trail.push(`script:${typeof came === 'string' ? came : came.stamps === null ? 'made' : 'stamp'}`);
        } else if (roll === 11) {
          const [one] = waiting.length === 0 ? [] : waiting.splice(dice(waiting.length), 1);
          if (one === undefined) continue;
          const before = await ranTokens();
          const came = await failingNowAndThen(dice, () => runScript(one)).catch((error: unknown) => {
            throw new Error(`${trail.join(' ')} psql: ${String(error)}`, { cause: error });
          });
          await noteRun(one.code, before);
          trail.push(`psql:${came}`);
          seen.set(`psql:${came}`, (seen.get(`psql:${came}`) ?? 0) + 1);
        } else if (roll < 5) {
          code = edited(code, dice, fresh);
          for (const { forgot, does } of code) if (forgot) for (const token of does) unnamed.add(token);
          versions.push(code);
          trail.push('edit');
        } else {
          // Now and then older code runs on the same database.
          const running = roll === 9 ? (versions[dice(versions.length)] as Code) : code;
          const what = roll === 8 ? (dice(4) === 0 ? 'stamp' : 'down') : 'up';
          const before = await ranTokens();
          const came = await failingNowAndThen(dice, () => run(running, what, dice)).catch(
            (error: unknown) => {
              throw new Error(`${trail.join(' ')} ${what}: ${String(error)}`, { cause: error });
            },
          );
          await noteRun(running, before);
          trail.push(`${what}:${came}`);
          seen.set(came, (seen.get(came) ?? 0) + 1);
          if (running !== code) await assertTrue(running, trail);
        }
        await assertTrue(code, trail);
      }
    }
    // A test that refuses everything would see nothing.
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['done', 'repaired', 'psql:done', 'psql:stopped']),
    );
    expect((seen.get('done') ?? 0) / [...seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0.3);
  },
  60_000 + HISTORIES * 1_000,
);
