import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chaos } from '../../lib/testing/index.js';
import { startServer } from '../support/server.js';
import { chaosFolder } from './folder.js';

/* The long form: `REVGRAPH_CHAOS=0.1` does a tenth of it, `REVGRAPH_SEED` repeats a run. */

const SHARE = Number(process.env.REVGRAPH_CHAOS ?? 1);
const seed = Number(process.env.REVGRAPH_SEED ?? Date.now() % 2 ** 31);
const share = (count: number): number => Math.max(1, Math.round(count * SHARE));

test('nothing runs twice, nothing is lost, no lock is left, no run says what is not so', async () => {
  const under = mkdtempSync(join(tmpdir(), 'revgraph-chaos-'));
  const server = await startServer(under);
  onTestFinished(async () => {
    await server.stop();
    rmSync(under, { recursive: true, force: true });
  });
  const common = { server: server.url, seed, crash: () => server.crash() };
  const faults = await chaos({
    ...common,
    revisions: chaosFolder(under, 24),
    kinds: ['race', 'boundary', 'kill', 'terminate', 'cut', 'silence', 'stop', 'crash'],
    processes: 32,
    counts: {
      race: share(50),
      kill: share(200),
      terminate: share(60),
      cut: share(200),
      silence: share(60),
      stop: share(20),
      crash: share(10),
    },
    onRow: ({ kind, ms }) => console.log(`${kind}: ${Math.round(ms / 1_000)} s`),
  });
  console.log(`\n${faults.text}\n`);
  // Behind a pooler what runs outside a transaction is refused.
  const pooled = await chaos({
    ...common,
    revisions: chaosFolder(under, 24, false),
    kinds: ['pooler'],
    processes: 16,
    counts: { pooler: share(10) },
  });
  console.log(`\n${pooled.text}\n`);
  expect(faults.ok && pooled.ok).toBe(true);
  expect(faults.rows.find(({ kind }) => kind === 'boundary')).toMatchObject({ cases: 24, hits: 24 });
});
