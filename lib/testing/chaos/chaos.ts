import type { ThrowAways } from '../../database/throwaway/template.js';
import { dropAfter, openThrowAways } from '../../database/throwaway/throwaway.js';
import { RevgraphError } from '../../errors/error.js';
import { loadProject } from '../../project/project.js';
import { isFine, skippedRow } from './findings.js';
import { tryKind } from './kinds.js';
import {
  type ChaosKind,
  type ChaosOptions,
  type ChaosReport,
  type ChaosRow,
  type ChaosSettings,
  chaosSettings,
} from './options.js';
import { tryPooler } from './pooler.js';
import { openProxy } from './proxy.js';
import { Replicas } from './replicas.js';
import { chaosText } from './table.js';
import { type Arena, jobOf, wordsOf } from './trial.js';
import { hasWitness, WITNESS_OBJECTS } from './witness.js';

/**
 * Runs the revisions of a folder in processes that are killed, stopped and cut off, many times, in databases of its own, and has
 * PostgreSQL itself judge what came of it: whether a revision ran twice or not at all, whether two runs overlapped, whether a lock was
 * left, and whether a run said that all was well when it was not.
 *
 * ```ts
 * import { chaos } from 'revgraph/testing';
 *
 * const { ok, text } = await chaos({ revisions: './revisions', server: process.env.TEST_SERVER });
 * console.log(text);
 * ```
 *
 * A seed repeats the choices: which step, which byte, which moment. How fast the machine is, it does not repeat.
 *
 * @throws `usage` for a kind that there is not, or a server that is none; what a run throws to which nothing is done
 */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const settings = chaosSettings(options);
  const place = await openThrowAways({ on: settings.server });
  if (place.kind !== 'server') {
    await place.close();
    throw new RevgraphError('usage', {
      message: 'Chaos needs a server: the embedded database has one process only.',
      hint: 'Pass the URL of a server for tests as `server`.',
    });
  }
  const replicas = new Replicas();
  try {
    return await dropAfter(place, async () => {
      const arena = await prepare(settings, place, replicas);
      const rows: ChaosRow[] = [];
      for (const kind of settings.kinds)
        for (const row of await rowsOf(arena, kind)) {
          rows.push(row);
          options.onRow?.(row);
        }
      return { ok: rows.every(isFine), seed: settings.seed, rows, text: chaosText(rows, settings.seed) };
    });
  } finally {
    replicas.close();
  }
}

async function rowsOf(arena: Arena, kind: ChaosKind): Promise<ChaosRow[]> {
  if (kind === 'pooler') return tryPooler(arena);
  if (kind === 'crash' && arena.settings.crash === null)
    return [skippedRow(kind, 'no `crash` was given that kills the server')];
  return [await tryKind(arena, kind)];
}

/** Plants the witness, and sees that the revisions run when nothing is done to them. */
async function prepare(settings: ChaosSettings, place: ThrowAways, replicas: Replicas): Promise<Arena> {
  const { graph, revisions } = await loadProject(settings.revisions);
  const expected: string[] = [];
  for (const id of graph.ids) {
    const body = await revisions.get(id)?.body();
    if (body !== undefined && hasWitness(body)) expected.push(id);
  }
  const planted = await place.fresh();
  await planted.run(WITNESS_OBJECTS);
  const empty = await place.keep(planted);
  const shared = { settings, replicas, empty, expected };
  // The first one loads what the process needs.
  await calmRun(shared);
  return { ...shared, calm: await calmRun(shared) };
}

/** A run to which nothing is done: how long its steps take, and what passes on its connection. */
async function calmRun({ settings, replicas, empty }: Omit<Arena, 'calm'>): Promise<Arena['calm']> {
  const database = await empty.copy();
  const proxy = await openProxy(String(database.database), null);
  try {
    const { planned, outcome } = await replicas.run(jobOf(settings, proxy.url));
    await planned;
    const begun = performance.now();
    const said = await outcome;
    if (said.type !== 'succeeded') throw new Error(`a run to which nothing was done ${wordsOf(said)}`);
    return { ms: performance.now() - begun, ...proxy.passed };
  } finally {
    proxy.close();
    await database.drop();
  }
}
