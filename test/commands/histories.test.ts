import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  defineRevision,
  downgrade,
  isRevgraphError,
  type Revision,
  repair,
  type Status,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { freshPGlite } from '../support/databases.js';

/*
 * Random histories: files are inserted, re-parented, edited, deleted, renamed and squashed between runs, downgrades and stamps of
 * older and newer code on one database, which another tool may have begun. The oracle is a table of what really ran, written by the
 * revisions themselves: a token per original revision, unique. A stamp is somebody's word: the oracle is told the same.
 */

/** `REVGRAPH_REPETITIONS=20000` for a long run, `REVGRAPH_SEED` to repeat one history. */
const HISTORIES = Number(process.env.REVGRAPH_REPETITIONS ?? 500);
const FIRST = Number(process.env.REVGRAPH_SEED ?? 1);
const STEPS = 14;

let database: PGlite;
beforeAll(async () => {
  database = await freshPGlite();
});
afterAll(() => database.close());

/** A revision of a code version. `does`: the tokens of its work, more than one for a squash. */
interface File {
  readonly id: string;
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly formerly: readonly string[];
  readonly replaces: readonly string[];
  readonly does: readonly string[];
  /** How often it was edited. */
  readonly edits: number;
}

type Code = readonly File[];

/** xorshift32: a history is its seed. */
function random(seed: number): (below: number) => number {
  let x = (seed * 2_654_435_761) >>> 0 || 1;
  return (below) => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return below <= 0 ? 0 : x % below;
  };
}

const made = (id: string, revises: readonly string[]): File => ({
  id,
  revises,
  dependsOn: [],
  formerly: [],
  replaces: [],
  does: [id],
  edits: 0,
});

const revisionOf = (file: File): Revision =>
  defineRevision({
    revision: file.id,
    revises: file.revises,
    dependsOn: file.dependsOn,
    ...(file.formerly.length === 0 ? {} : { formerly: file.formerly }),
    ...(file.replaces.length === 0 ? {} : { replaces: file.replaces }),
    upgrade: [
      ...file.does.map((token) => `INSERT INTO oracle.ran VALUES ('${token}')`),
      `SELECT ${file.edits}`,
    ].join(';\n'),
    downgrade: file.does.map((token) => `DELETE FROM oracle.ran WHERE token = '${token}'`).join(';\n'),
  });

const headsOf = (code: Code): string[] =>
  code
    .map(({ id }) => id)
    .filter((id) => !code.some(({ revises, dependsOn }) => [...revises, ...dependsOn].includes(id)));

/** Everything below a revision. */
function below(code: Code, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const file = code.find((one) => one.id === next);
    for (const parent of [...(file?.revises ?? []), ...(file?.dependsOn ?? [])])
      if (!found.has(parent)) {
        found.add(parent);
        open.push(parent);
      }
  }
  return found;
}

/** One edit of the files, as teams do it; the same code where the dice want what is not possible. */
function edited(code: Code, dice: (below: number) => number, fresh: () => string): Code {
  const pick = (): File => code[dice(code.length)] as File;
  const put = (file: File): Code => code.map((one) => (one.id === file.id ? file : one));
  switch (dice(9)) {
    case 8: {
      const file = pick();
      return put({ ...file, edits: file.edits + 1 });
    }
    case 0:
    case 1: {
      const heads = headsOf(code);
      return [...code, made(fresh(), dice(4) === 0 ? heads : [heads[dice(heads.length)] as string])];
    }
    case 2: {
      // Inserted below.
      const child = pick();
      const id = fresh();
      return [...put({ ...child, revises: [id] }), made(id, child.revises)];
    }
    case 3: {
      // Another base, or none.
      const child = pick();
      const older = [...below(code, child.id)];
      return put({ ...child, revises: dice(3) === 0 ? [] : older.slice(0, 1) });
    }
    case 4: {
      const [child, needed] = [pick(), pick()];
      const isAbove = child.id === needed.id || below(code, needed.id).has(child.id);
      return isAbove ? code : put({ ...child, dependsOn: [needed.id] });
    }
    case 5: {
      // Deleted: who stood on it stands on what it stood on.
      const gone = pick();
      if (code.length < 3) return code;
      const over = (parents: readonly string[], instead: readonly string[]) => [
        ...new Set(parents.flatMap((id) => (id === gone.id ? instead : [id]))),
      ];
      return code
        .filter(({ id }) => id !== gone.id)
        .map((file) => ({
          ...file,
          revises: over(file.revises, gone.revises),
          dependsOn: over(file.dependsOn, []),
        }));
    }
    case 6: {
      const old = pick();
      const id = fresh();
      const renamed = (ids: readonly string[]) => ids.map((one) => (one === old.id ? id : one));
      return code.map((file) =>
        file.id === old.id
          ? { ...old, id, formerly: [...old.formerly, old.id] }
          : { ...file, revises: renamed(file.revises), dependsOn: renamed(file.dependsOn) },
      );
    }
    default: {
      // A squash of a base and what alone stands on it.
      const bases = code.filter(({ revises, dependsOn }) => revises.length + dependsOn.length === 0);
      const first = bases[dice(bases.length)];
      const next = code.filter((file) => [...file.revises, ...file.dependsOn].includes(first?.id ?? ''));
      const [second] = next;
      const alone = next.length === 1 && second?.revises.length === 1 && second.dependsOn.length === 0;
      const names = (file: File) => [...file.replaces, ...file.formerly, file.id];
      if (first === undefined || second === undefined || !alone) return code;
      const id = fresh();
      const squash: File = {
        ...made(id, []),
        replaces: [...names(first), ...names(second)],
        does: [...first.does, ...second.does],
      };
      const instead = (ids: readonly string[]) => ids.map((one) => (one === second.id ? id : one));
      return [
        squash,
        ...code
          .filter((file) => file.id !== first.id && file.id !== second.id)
          .map((file) => ({ ...file, revises: instead(file.revises), dependsOn: instead(file.dependsOn) })),
      ];
    }
  }
}

async function ranTokens(): Promise<Set<string>> {
  const { rows } = await database.query<{ token: string }>('SELECT token FROM oracle.ran');
  return new Set(rows.map(({ token }) => token));
}

/** What each token stood on when it ran: files may be gone since. */
const ranUpon = new Map<string, Set<string>>();

const tokensOf = (code: Code, ids: Iterable<string>): string[] =>
  [...ids].flatMap((id) => code.find((file) => file.id === id)?.does ?? []);

/** Notes what came by a run. */
async function noteRun(code: Code, before: ReadonlySet<string>): Promise<void> {
  for (const token of await ranTokens()) {
    const file = before.has(token) ? undefined : code.find(({ does }) => does.includes(token));
    if (file !== undefined) ranUpon.set(token, new Set(tokensOf(code, below(code, file.id))));
  }
}

/** Somebody says that these rows are what the database has. Of what the code does not know, what they ran upon stays. */
async function tellOracle(code: Code, rows: readonly string[]): Promise<void> {
  const has = new Set(tokensOf(code, new Set(rows.flatMap((row) => [row, ...below(code, row)]))));
  const known = new Set(
    tokensOf(
      code,
      code.map(({ id }) => id),
    ),
  );
  const ran = await ranTokens();
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
    if (!isRevgraphError(error)) throw error;
    // A token that is there already: something ran twice.
    if (error.is('step_failed')) throw error;
    if (!error.is('missed_revisions')) return error.code;
    await repair(options);
    await upgrade({ ...options, target: 'heads' });
    return 'repaired';
  }
}

test(`${HISTORIES} histories: nothing counts as applied that never ran, and nothing runs twice`, async () => {
  const seen = new Map<string, number>();
  for (let seed = FIRST; seed < FIRST + HISTORIES; seed++) {
    const dice = random(seed);
    ranUpon.clear();
    let names = 0;
    const fresh = () => `r${seed}_${++names}`;
    await database.exec(
      'DROP SCHEMA IF EXISTS oracle CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
    );
    await database.exec('CREATE SCHEMA oracle; CREATE TABLE oracle.ran (token text PRIMARY KEY)');
    const first = fresh();
    let code: Code = [made(first, [])];
    const trail: string[] = [`seed ${seed}`];
    if (dice(4) === 0) {
      // Another tool began. What its table covered is written down by the first run.
      const second = fresh();
      code = [...code, made(second, [first])];
      await database.exec('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
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
        await assertTrue(running, trail);
      }
      await assertTrue(code, trail);
    }
  }
  // A test that refuses everything would see nothing.
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['done', 'repaired']));
  expect((seen.get('done') ?? 0) / [...seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0.3);
});
