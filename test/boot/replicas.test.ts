import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doctor, type Status, status } from '../../lib/index.js';
import { until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { factsOf, ROWS, referenceDatabase, releaseSql } from '../support/releases.js';

/* Ten processes of the example service on one legacy database, started at once; then with some of them killed. */

const REPLICAS = 10;
/** `REVGRAPH_REPETITIONS=50` for a long run. */
const REPETITIONS = Number(process.env.REVGRAPH_REPETITIONS ?? 4);
const HEAD = 'c64001afbd46';

let template: TestDatabase;
let fresh: ReadonlySet<string>;
beforeAll(async () => {
  template = await freshDatabase();
  await template.query(`${releaseSql('v1.0.6')}\n;${ROWS}`);
  const reference = await referenceDatabase();
  fresh = await factsOf(reference.url);
  await reference.drop();
});
afterAll(() => template.drop());

let database: TestDatabase;
let replicas: Replica[];
beforeEach(async () => {
  database = await freshDatabase(template.name);
  replicas = [];
});
afterEach(async () => {
  for (const { child } of replicas) child.kill('SIGKILL');
  await Promise.all(replicas.map(({ ended }) => ended));
  await database.drop();
});

interface Replica {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function startReplica(): Replica {
  const child = spawn(process.execPath, ['docs/example/service.mjs'], {
    env: { ...process.env, DATABASE_URL: database.url, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  let said = '';
  child.stdout.on('data', (data) => {
    rest += data;
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) lines.push(JSON.parse(line));
  });
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, lines, said: () => said, ended };
}

const booted = ({ lines }: Replica) => lines.find((line) => 'state' in line);
const health = async ({ lines }: Replica) =>
  (await fetch(`http://127.0.0.1:${lines.find((line) => 'port' in line)?.port}/health`)).status;
const options = () => ({ revisions: 'revisions', database: database.url });

/** How often each revision was run to its end. */
async function timesRun(): Promise<number[]> {
  const rows = await database.query(
    "SELECT count(*)::int AS n FROM revgraph_ledger WHERE direction = 'upgrade' AND outcome = 'done' GROUP BY revision",
  );
  return rows.map(({ n }) => Number(n));
}

async function lacking(): Promise<string[]> {
  const facts = await factsOf(database.url);
  return [...fresh].filter((fact) => !facts.has(fact) && !fact.startsWith('comment on'));
}

describe('ten replicas on a legacy database', () => {
  test('one stamps and upgrades, nine wait, all report the same, each revision once, all serve', async () => {
    replicas = Array.from({ length: REPLICAS }, startReplica);
    await until(() => replicas.every((replica) => booted(replica) !== undefined), 'ten boots', 60_000);
    const results = replicas.map(booted);
    for (const result of results) expect(result).toMatchObject({ state: 'current', current: [HEAD] });
    expect(results.map((result) => result?.ran).sort()).toEqual([...Array(REPLICAS - 1).fill(0), 23]);
    expect(await timesRun()).toEqual(Array(23).fill(1));
    expect(
      await database.query("SELECT count(*)::int AS n FROM revgraph_ledger WHERE direction = 'stamp'"),
    ).toEqual([{ n: 1 }]);
    const serve = async () => (await Promise.all(replicas.map(health))).every((code) => code === 200);
    await until(serve, 'ten healthy replicas', 30_000);
    for (const { child } of replicas) child.kill('SIGTERM');
    expect(await Promise.all(replicas.map(({ ended }) => ended))).toEqual(Array(REPLICAS).fill(0));
  });

  test(`${REPETITIONS} times, any of them killed at any moment: the rest finish, and no stamp is above what ran`, async () => {
    for (let round = 0; round < REPETITIONS; round++) {
      if (round > 0) {
        await database.drop();
        database = await freshDatabase(template.name);
      }
      replicas = Array.from({ length: REPLICAS }, startReplica);
      const doomed = replicas.slice(0, 1 + Math.floor(Math.random() * (REPLICAS - 1)));
      const survivors = replicas.slice(doomed.length);
      const kills = doomed.map(async ({ child }) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3_500));
        child.kill('SIGKILL');
      });
      const looks = lookAround();
      await Promise.all(kills);
      await until(() => survivors.every((replica) => booted(replica) !== undefined), 'the survivors', 60_000);
      expect(await looks.stop()).toEqual([]);
      for (const replica of survivors)
        expect(booted(replica)).toMatchObject({ state: 'current', current: [HEAD] });
      expect(Math.max(...(await timesRun()))).toBe(1);
      expect(await timesRun()).toHaveLength(23);
      expect(await lacking()).toEqual([]);
      for (const { child } of replicas) child.kill('SIGKILL');
      await Promise.all(replicas.map(({ ended }) => ended));
    }
  }, 600_000);

  test('all of them killed: what is stamped is what ran, and the next one goes on', async () => {
    replicas = Array.from({ length: 3 }, startReplica);
    const rows = async (): Promise<Status> => status(options());
    await until(async () => (await rows()).current.length > 0, 'the first step');
    for (const { child } of replicas) child.kill('SIGKILL');
    await Promise.all(replicas.map(({ ended }) => ended));
    expect((await doctor(options())).missing).toEqual([]);
    const last = startReplica();
    replicas.push(last);
    await until(() => booted(last) !== undefined, 'the last one', 30_000);
    expect(booted(last)).toMatchObject({ state: 'current', current: [HEAD] });
    expect(await lacking()).toEqual([]);
  });
});

/** Holds the version table against the schema all the while, on a connection of its own. */
function lookAround(): { stop: () => Promise<string[]> } {
  const found: string[] = [];
  let on = true;
  const loop = (async () => {
    while (on) {
      const { missing, claimed } = await doctor(options());
      // Rows are read before facts: what was claimed must be there by then.
      if (missing.length > 0) found.push(`${claimed.join()} claims ${missing.join()}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  })();
  return {
    stop: async () => {
      on = false;
      await loop;
      return found;
    },
  };
}
