import { Findings, skippedRow } from './findings.js';
import type { ChaosRow } from './options.js';
import { findPgBouncer, openPooler } from './pgbouncer.js';
import { type Arena, tryOut, wordsOf } from './trial.js';

/** A session lock needs a pool in session mode; behind one in transaction mode it must be refused. */
const MODES = [
  { lock: 'advisory', mode: 'session' },
  { lock: 'advisory', mode: 'transaction' },
  { lock: 'transaction', mode: 'transaction' },
  { lock: 'row', mode: 'transaction' },
] as const;

/** Many at once behind PgBouncer, in each lock mode. */
export async function tryPooler(arena: Arena): Promise<ChaosRow[]> {
  const program = findPgBouncer();
  if (program === null) return [skippedRow('pooler', 'PgBouncer is not installed')];
  const rows: ChaosRow[] = [];
  for (const way of MODES) rows.push(await tryMode(arena, program, way));
  return rows;
}

async function tryMode(
  arena: Arena,
  program: string,
  { lock, mode }: (typeof MODES)[number],
): Promise<ChaosRow> {
  const { pooledProcesses: processes, counts, server } = arena.settings;
  const isRefused = lock === 'advisory' && mode === 'transaction';
  const findings = new Findings();
  // In session mode every process keeps a connection, and one waits with a second.
  const pooler = await openPooler(program, server, mode, mode === 'session' ? processes * 2 : 20);
  try {
    await arena.replicas.warm(processes);
    for (let number = 0; number < counts.pooler; number++)
      await tryOut(arena, findings, { kind: 'pooler', number, job: { lock } }, async ({ url, run }) => {
        const database = pooler.through(url);
        const runs = await Promise.all(Array.from({ length: processes }, () => run({ database })));
        const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
        if (!isRefused) return null;
        for (const said of outcomes)
          if (said.type !== 'failed' || said.code !== 'pooler_detected')
            findings.found('failed', `pooler ${number}`, `it should have been refused, and ${wordsOf(said)}`);
        return false;
      });
  } finally {
    await pooler.close();
  }
  const what = `lock ${lock}, ${mode} mode${isRefused ? ': refused' : ''}`;
  return findings.row('pooler', what, counts.pooler, processes);
}
