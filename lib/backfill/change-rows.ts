import { readControl } from '../database/backfill-state.js';
import { applyPatches, type Patch } from '../database/batch-change.js';
import { type BatchSource, keyOf, readRows, XMIN } from '../database/batch-source.js';
import type { Queryable } from '../database/session.js';
import { RevgraphError } from '../errors.js';
import type { BatchDefinition, RowChange, RowContext, Skipped } from '../revision/batches.js';
import type { Settled } from './definition.js';
import { type Effect, type Failed, failedRow, type Read, Tally, type Work } from './effect.js';
import type { Host, Sample } from './host.js';
import { bare } from './rows.js';

/** What was decided about rows before their transaction. */
interface Decided {
  readonly patches: Patch[];
  readonly skipped: Tally;
  readonly failed: Failed[];
  /** When a patch's row was read. */
  readonly rows: Map<string, Read>;
}

const POLL_MS = 1_000;

/**
 * Work of `change`: decides row by row outside any transaction, then writes in one statement what still is the version of
 * the row that was decided upon. Rows that changed meanwhile are locked and decided anew.
 */
export function changeRows(host: Host, settled: Settled, source: BatchSource): Work {
  const change = settled.definition.change as NonNullable<BatchDefinition['change']>;
  const decide = (rows: readonly Read[], polls: boolean) =>
    decideAll(host, settled, source, change, rows, polls);
  return {
    prepare: (rows) => decide(rows, true),
    apply: async (client, _, prepared) => {
      const decided = prepared as Decided;
      const before = await write(client, host, settled, source, decided);
      const left = decided.patches.filter(({ key }) => !before.has(id(key)));
      const again =
        left.length === 0 ? null : await anew(client, host, settled, source, decided, left, decide);
      return effectOf(host, decided, before, again);
    },
  };
}

const id = (key: readonly string[]): string => JSON.stringify(key);

async function decideAll(
  host: Host,
  { concurrency, name }: Settled,
  source: BatchSource,
  change: NonNullable<BatchDefinition['change']>,
  rows: readonly Read[],
  polls: boolean,
): Promise<Decided | null> {
  const decided: Decided = { patches: [], skipped: new Tally(), failed: [], rows: new Map() };
  const answers = new Map<number, RowChange | Skipped | null | undefined | Failed>();
  const signal = host.signal ?? new AbortController().signal;
  const context: RowContext = { skip: (reason) => ({ skipped: String(reason) }), signal };
  let next = 0;
  let stopped = false;
  let polled = Date.now();
  const one = async (): Promise<void> => {
    for (let n = next++; n < rows.length && !stopped; n = next++) {
      const row = rows[n] as Read;
      try {
        answers.set(n, await change(bare(row), context));
      } catch (error) {
        answers.set(n, failedRow(keyOf(row, source), error));
      }
      if (polls && host.preview === null && Date.now() - polled > POLL_MS) {
        polled = Date.now();
        stopped ||= (await readControl(host.client, host.schema, host.revision)) !== null;
      }
      stopped ||= host.signal?.aborted === true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, one));
  if (stopped && polls) return null;
  for (const [n, row] of rows.entries()) sort(decided, source, row, answers.get(n), name);
  return decided;
}

function sort(
  decided: Decided,
  source: BatchSource,
  row: Read,
  answer: RowChange | Skipped | null | undefined | Failed,
  name: string,
): void {
  const key = keyOf(row, source);
  const skip = (reason: string): void => decided.skipped.add(reason);
  if (answer == null) skip('nothing to change');
  else if ('error' in answer) decided.failed.push(answer);
  else if ('skipped' in answer) skip(answer.skipped);
  else toPatch(decided, source, row, key, answer, name);
}

function toPatch(
  decided: Decided,
  source: BatchSource,
  row: Read,
  key: readonly string[],
  { set = {}, merge = {} }: RowChange,
  name: string,
): void {
  for (const column of [...Object.keys(set), ...Object.keys(merge)])
    if (!source.types.has(column))
      throw new RevgraphError('backfill_invalid', {
        message: `change of ${name} sets ${column}, which ${source.table} does not have.`,
        hint: `It has ${[...source.types.keys()].slice(0, 20).join(', ')}.`,
      });
  if (Object.keys(set).length + Object.keys(merge).length === 0) decided.skipped.add('nothing to change');
  else {
    decided.patches.push({ key, xmin: String(row[XMIN]), set, merge });
    decided.rows.set(id(key), row);
  }
}

async function write(
  client: Queryable,
  host: Host,
  { kept }: Settled,
  source: BatchSource,
  { patches }: Decided,
): Promise<Set<string>> {
  if (patches.length === 0) return new Set();
  const mark = kept.mark === null ? null : { at: kept.mark, revision: host.revision };
  return new Set((await applyPatches(client, source, patches, mark)).map(id));
}

/** Rows that were not what they had been: what they are now, locked, decides. */
async function anew(
  client: Queryable,
  host: Host,
  settled: Settled,
  source: BatchSource,
  decided: Decided,
  left: readonly Patch[],
  decide: (rows: readonly Read[], polls: boolean) => Promise<Decided | null>,
): Promise<{ decided: Decided; changed: Set<string> }> {
  const keys = left.map(({ key }) => key);
  const now = await readRows(client, source, keys, { columns: settled.columns, lock: true });
  const moved = now.filter((row) => decided.rows.get(id(keyOf(row, source)))?.[XMIN] !== row[XMIN]);
  const second = (await decide(moved, false)) as Decided;
  const changed = await write(client, host, settled, source, second);
  second.skipped.add('gone', left.length - now.length);
  // What was there as decided and yet not written holds something where the mark asks for nothing.
  const occupied = now.length - moved.length + (second.patches.length - changed.size);
  second.skipped.add('has a value already', occupied);
  return { decided: second, changed };
}

function effectOf(
  host: Host,
  first: Decided,
  changed: ReadonlySet<string>,
  again: { decided: Decided; changed: Set<string> } | null,
): Effect {
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
    samples: host.preview === null ? [] : samplesOf(patches, changed, first, host.preview.samples),
  };
}

const fillsOf = ({ set, merge }: Patch): string[] => [
  ...Object.keys(set),
  ...Object.entries(merge).flatMap(([column, keys]) => Object.keys(keys).map((key) => `${column}.${key}`)),
];

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
