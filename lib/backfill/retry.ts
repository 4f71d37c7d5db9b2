import { keyOf, readRows } from '../database/batches/source.js';
import { readControl } from '../database/tables/backfill-orders.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import { type Quarantined, quarantine, release } from '../database/tables/quarantine.js';
import type { BackfillContext } from './batch/context.js';
import { after, type BatchEffect, failedRow, type Prepared, type Read } from './batch/effect.js';
import { assertGoesOn, obey } from './gate.js';
import { type BackfillWork, commit, NOTHING } from './walk.js';

/**
 * Tries rows in quarantine again, each by itself (of a group: those of the group together). One that works leaves it.
 * @param chunks by number; brought up to date
 */
export async function retryRows(
  context: BackfillContext,
  { settings, source, work, tell }: BackfillWork,
  chunks: Map<number, Chunk>,
  rows: readonly Quarantined[],
): Promise<void> {
  for (const some of together(rows, settings.group)) {
    assertGoesOn(context);
    const chunk = chunks.get(some[0]?.chunk ?? 0) as Chunk;
    const keys = some.map(({ key }) => key);
    const { read, prepared } = await patiently(context, { settings, source, work }, keys);
    const here = { revision: context.revision, name: settings.name };
    const attempt = await commit(context, settings, chunk, async () => {
      const effect = read.length === 0 ? NOTHING : await work.apply(context.client, read, prepared);
      const gone = some.length - read.length;
      const whole: BatchEffect =
        gone === 0 ? effect : { ...effect, skipped: new Map([...effect.skipped, ['gone', gone]]) };
      await release(context.client, context.records, here, keys);
      const next = after(chunk, 0, whole, 0);
      return { next: { ...next, state: chunk.state, failed: next.failed - some.length }, effect: whole };
    });
    if (attempt.outcome === 'done') {
      chunks.set(chunk.chunk, attempt.chunk);
      tell(attempt.chunk, attempt.effect);
      await obey(context, settings.name, attempt.control);
    } else if (attempt.outcome === 'failed')
      await quarantine(
        context.client,
        context.records,
        read.map((row) => ({ ...failedRow(keyOf(row, source), attempt.cause), ...here, chunk: chunk.chunk })),
      );
  }
}

/** Reads rows and prepares them; after a pause, anew. */
async function patiently(
  context: BackfillContext,
  { settings, source, work }: Pick<BackfillWork, 'settings' | 'source' | 'work'>,
  keys: readonly (readonly string[])[],
): Promise<{ read: Read[]; prepared: Prepared | null }> {
  for (;;) {
    const read = await readRows(context.client, source, keys, { columns: settings.columns });
    if (read.length === 0 || work.prepare === undefined) return { read, prepared: null };
    const prepared = await work.prepare(read);
    if (prepared !== null) return { read, prepared };
    assertGoesOn(context);
    await obey(context, settings.name, await readControl(context.client, context.records, context.revision));
  }
}

function* together(rows: readonly Quarantined[], group: number): Iterable<readonly Quarantined[]> {
  const groups = new Map<string, Quarantined[]>();
  for (const row of rows) {
    const id = JSON.stringify([row.chunk, group === 0 ? row.key : row.key.slice(0, group)]);
    groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  yield* groups.values();
}
