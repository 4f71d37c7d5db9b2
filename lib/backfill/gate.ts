import { isHeldUp } from '../database/batches/throttle.js';
import { pause } from '../database/connection/pause.js';
import { readControl } from '../database/tables/backfill-orders.js';
import type { Control } from '../database/tables/backfill-state.js';
import { type ErrorDetails, RevgraphError } from '../errors/error.js';
import type { Throttle } from '../revision/batches.js';
import type { BackfillContext } from './batch/context.js';
import type { BatchSettings } from './batch/definition.js';

const POLL_MS = 500;

/** @throws `aborted` */
export function assertGoesOn({ signal, revision }: Pick<BackfillContext, 'signal' | 'revision'>): void {
  if (signal?.aborted === true) throw new RevgraphError('aborted', between(revision));
}

const between = (revision: string): ErrorDetails['aborted'] => ({
  during: `between two batches of ${revision}`,
  applied: [],
  remaining: [revision],
});

/**
 * Does what was asked for from outside: waits while it says pause.
 * @throws `backfill_cancelled`; `aborted`
 */
export async function obey(context: BackfillContext, name: string, asked: Control | null): Promise<void> {
  let control = asked;
  if (control === 'pause') {
    context.emit({ type: 'backfill-paused', revision: context.revision, name });
    while (control === 'pause') {
      await rest(context, POLL_MS);
      control = await readControl(context.client, context.records, context.revision);
    }
    if (control === null) context.emit({ type: 'backfill-resumed', revision: context.revision, name });
  }
  if (control === 'cancel') throw new RevgraphError('backfill_cancelled', { revision: context.revision });
}

/**
 * What stands between two batches: a share of the time, then whatever holds the next one up. Whoever asks for a pause
 * meanwhile is heard.
 */
export async function throttle(
  context: BackfillContext,
  { name, definition, kept }: BatchSettings,
  workedMs: number,
): Promise<void> {
  const wanted = definition.throttle;
  if (wanted === undefined || context.preview !== null) return;
  const { share = 1 } = wanted;
  const pauseMs = Math.round(workedMs * (1 / share - 1));
  for (let left = pauseMs; left > 0; left -= POLL_MS) {
    await rest(context, Math.min(left, POLL_MS));
    await obey(context, name, await readControl(context.client, context.records, context.revision));
  }
  await untilFree(context, name, wanted, kept.table);
}

async function untilFree(
  context: BackfillContext,
  name: string,
  wanted: Throttle,
  table: string | null,
): Promise<void> {
  let told: string | null = null;
  for (;;) {
    const reason = await isHeldUp(context.client, wanted, table);
    if (reason === null) return;
    if (reason !== told)
      context.emit({ type: 'backfill-throttled', revision: context.revision, name, reason });
    told = reason;
    await rest(context, POLL_MS);
    await obey(context, name, await readControl(context.client, context.records, context.revision));
  }
}

/** Sleeps. @throws `aborted` */
export async function rest(context: Pick<BackfillContext, 'signal' | 'revision'>, ms: number): Promise<void> {
  await pause(ms, context.signal, between(context.revision));
}
