import { setTimeout as sleep } from 'node:timers/promises';
import { applyPatches, type Patch } from '../../database/batches/change.js';
import { type BatchSource, keyOf, readRows, XMIN } from '../../database/batches/source.js';
import type { Queryable } from '../../database/connection/session.js';
import { readControl } from '../../database/tables/backfill-orders.js';
import type { BatchDefinition, RowContext } from '../../revision/batches.js';
import { type Answer, assertSameFills, type Filling, fillsOf, readAnswer } from './answers.js';
import type { BackfillContext, Sample } from './context.js';
import type { BatchSettings } from './definition.js';
import {
  type BatchEffect,
  type BatchWork,
  bare,
  type Failed,
  failedRow,
  type Read,
  Tally,
} from './effect.js';

/** What was decided about rows before their transaction. */
interface Decided {
  readonly patches: Patch[];
  readonly skipped: Tally;
  readonly failed: Failed[];
  /** When a patch's row was read. */
  readonly rows: Map<string, Read>;
}

const POLL_MS = 500;

type Decide = (rows: readonly Read[], polls: boolean) => Promise<Decided | null>;

/**
 * Work of `change`: decides row by row outside any transaction, then writes in one statement what still is the version of
 * the row that was decided upon. Rows that changed meanwhile are locked and decided anew.
 */
export function changeRows(
  backfill: BackfillContext,
  settings: BatchSettings,
  source: BatchSource,
  filling: Filling,
): BatchWork {
  const change = settings.definition.change as NonNullable<BatchDefinition['change']>;
  const decide: Decide = async (rows, polls) => {
    const decided = await decideAll(backfill, settings, source, change, rows, polls);
    if (decided !== null && settings.kept.mark !== null)
      assertSameFills(filling, decided.patches, settings.name);
    return decided;
  };
  return {
    prepare: (rows) => decide(rows, true),
    apply: async (client, _, prepared) => {
      const decided = prepared as Decided;
      const before = await write(client, backfill, settings, source, decided);
      const left = decided.patches.filter(({ key }) => !before.has(id(key)));
      const again =
        left.length === 0 ? null : await anew(client, backfill, settings, source, decided, left, decide);
      return effectOf(backfill, decided, before, again);
    },
  };
}

const id = (key: readonly string[]): string => JSON.stringify(key);

/** @returns null if a pause was ordered, or the run was aborted, before all rows were decided */
async function decideAll(
  backfill: BackfillContext,
  { concurrency, name }: BatchSettings,
  source: BatchSource,
  change: NonNullable<BatchDefinition['change']>,
  rows: readonly Read[],
  polls: boolean,
): Promise<Decided | null> {
  const answers = new Map<number, { answer: Answer } | { failed: Failed }>();
  const signal = backfill.signal ?? new AbortController().signal;
  const context: RowContext = { skip: (reason) => ({ skipped: String(reason) }), signal };
  const over = new AbortController();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let n = next++; n < rows.length && !over.signal.aborted; n = next++) {
      const row = rows[n] as Read;
      try {
        answers.set(n, { answer: await change(bare(row), context) });
      } catch (error) {
        answers.set(n, { failed: failedRow(keyOf(row, source), error) });
      }
    }
  };
  const all = Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, one)).then(() => false);
  // Code that hangs must not keep anybody from a pause: what it answers later is not looked at.
  const stopped = polls ? await Promise.race([all, interrupted(backfill, over.signal)]) : await all;
  over.abort();
  if (stopped) return null;
  const decided: Decided = { patches: [], skipped: new Tally(), failed: [], rows: new Map() };
  for (const [n, row] of rows.entries()) {
    const found = answers.get(n) as { answer: Answer } | { failed: Failed };
    if ('failed' in found) {
      decided.failed.push(found.failed);
      continue;
    }
    const patch = readAnswer(found.answer, row, source, name);
    if (typeof patch === 'string') decided.skipped.add(patch);
    else {
      decided.patches.push(patch);
      decided.rows.set(id(patch.key), row);
    }
  }
  return decided;
}

/** True once a pause or a cancellation is ordered; looks now and then until the batch is done. */
async function interrupted(backfill: BackfillContext, over: AbortSignal): Promise<boolean> {
  const ends = backfill.signal === undefined ? over : AbortSignal.any([over, backfill.signal]);
  while (!ends.aborted) {
    await sleep(POLL_MS, undefined, { signal: ends }).catch(() => {});
    if (ends.aborted) break;
    if (
      backfill.preview === null &&
      (await readControl(backfill.client, backfill.records, backfill.revision)) !== null
    )
      return true;
  }
  return backfill.signal?.aborted === true;
}

async function write(
  client: Queryable,
  backfill: BackfillContext,
  { kept }: BatchSettings,
  source: BatchSource,
  { patches }: Decided,
): Promise<Set<string>> {
  if (patches.length === 0) return new Set();
  const mark = kept.mark === null ? null : { at: kept.mark, revision: backfill.revision };
  return new Set((await applyPatches(client, source, patches, mark)).map(id));
}

/** Rows that were not what they had been: what they are now, locked, decides. */
async function anew(
  client: Queryable,
  backfill: BackfillContext,
  settings: BatchSettings,
  source: BatchSource,
  decided: Decided,
  left: readonly Patch[],
  decide: Decide,
): Promise<{ decided: Decided; changed: Set<string> }> {
  const keys = left.map(({ key }) => key);
  const now = await readRows(client, source, keys, { columns: settings.columns, lock: true });
  const moved = now.filter((row) => decided.rows.get(id(keyOf(row, source)))?.[XMIN] !== row[XMIN]);
  const second = (await decide(moved, false)) as Decided;
  const changed = await write(client, backfill, settings, source, second);
  second.skipped.add('gone', left.length - now.length);
  // What was there as decided and yet not written holds something where the mark asks for nothing.
  const occupied = now.length - moved.length + (second.patches.length - changed.size);
  second.skipped.add(
    settings.kept.mark === null ? 'no object to merge into' : 'has a value already',
    occupied,
  );
  return { decided: second, changed };
}

function effectOf(
  backfill: BackfillContext,
  first: Decided,
  changed: ReadonlySet<string>,
  again: { decided: Decided; changed: Set<string> } | null,
): BatchEffect {
  const both = again === null ? [first] : [first, again.decided];
  const skipped = new Tally();
  for (const { skipped: part } of both)
    for (const [reason, n] of part.counts) if (n > 0) skipped.add(reason, n);
  const patches = both.flatMap((one) => one.patches);
  return {
    changed: changed.size + (again?.changed.size ?? 0),
    skipped: skipped.counts,
    failed: both.flatMap((one) => one.failed),
    created: new Map(),
    fills: [...new Set(patches.flatMap(fillsOf))],
    samples: backfill.preview === null ? [] : samplesOf(patches, changed, first, backfill.preview.samples),
  };
}

function samplesOf(
  patches: readonly Patch[],
  changed: ReadonlySet<string>,
  { rows }: Decided,
  wanted: number,
): Sample[] {
  return patches
    .filter(({ key }) => changed.has(id(key)))
    .slice(0, wanted)
    .map(({ key, set, merge }) => {
      const row = rows.get(id(key)) ?? {};
      const columns = [...Object.keys(set), ...Object.keys(merge)];
      const before = Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
      const joined = Object.entries(merge).map(([column, keys]) => [
        column,
        { ...(row[column] as Record<string, unknown> | null), ...keys },
      ]);
      return { key, before, after: { ...set, ...Object.fromEntries(joined) } };
    });
}
