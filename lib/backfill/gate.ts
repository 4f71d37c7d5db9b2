import { setTimeout as sleep } from 'node:timers/promises';
import { isHeldUp } from '../database/batches/throttle.js';
import { readControl } from '../database/tables/backfill-orders.js';
import type { Control } from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import type { Throttle } from '../revision/batches.js';
import type { BatchSettings } from './batch/definition.js';
import type { BackfillContext } from './batch/host.js';

const POLL_MS = 500;

/** @throws `aborted` */
export function assertGoesOn({ signal, revision }: Pick<BackfillContext, 'signal' | 'revision'>): void {
  if (signal?.aborted !== true) return;
  throw new RevgraphError('aborted', {
    during: `between two batches of ${revision}`,
    applied: [],
    remaining: [revision],
  });
}

/**
 * Does what was asked for from outside: waits while it says pause.
 * @throws `backfill_cancelled`; `aborted`
 */
export async function obey(host: BackfillContext, name: string, asked: Control | null): Promise<void> {
  let control = asked;
  if (control === 'pause') {
    host.emit({ type: 'backfill-paused', revision: host.revision, name });
    while (control === 'pause') {
      await rest(host, POLL_MS);
      control = await readControl(host.client, host.schema, host.revision);
    }
    if (control === null) host.emit({ type: 'backfill-resumed', revision: host.revision, name });
  }
  if (control === 'cancel') throw new RevgraphError('backfill_cancelled', { revision: host.revision });
}

/**
 * What stands between two batches: a share of the time, then whatever holds the next one up. Whoever asks for a pause
 * meanwhile is heard.
 */
export async function throttle(
  host: BackfillContext,
  { name, definition, kept }: BatchSettings,
  workedMs: number,
): Promise<void> {
  const wanted = definition.throttle;
  if (wanted === undefined || host.preview !== null) return;
  const { share = 1 } = wanted;
  const pauseMs = Math.round(workedMs * (1 / share - 1));
  for (let left = pauseMs; left > 0; left -= POLL_MS) {
    await rest(host, Math.min(left, POLL_MS));
    await obey(host, name, await readControl(host.client, host.schema, host.revision));
  }
  await untilFree(host, name, wanted, kept.table);
}

async function untilFree(
  host: BackfillContext,
  name: string,
  wanted: Throttle,
  table: string | null,
): Promise<void> {
  let told: string | null = null;
  for (;;) {
    const reason = await isHeldUp(host.client, wanted, table);
    if (reason === null) return;
    if (reason !== told) host.emit({ type: 'backfill-throttled', revision: host.revision, name, reason });
    told = reason;
    await rest(host, POLL_MS);
    await obey(host, name, await readControl(host.client, host.schema, host.revision));
  }
}

/** Sleeps. @throws `aborted` */
export async function rest(host: Pick<BackfillContext, 'signal' | 'revision'>, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: host.signal }).catch(() => assertGoesOn(host));
  assertGoesOn(host);
}
