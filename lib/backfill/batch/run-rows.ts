import { type BatchSource, keyOf, readRows } from '../../database/batches/source.js';
import type { Queryable } from '../../database/connection/session.js';
import { RevgraphError } from '../../errors/error.js';
import type { BatchContext, BatchDefinition, Row } from '../../revision/batches.js';
import { openCodeDatabase } from '../../run/code/code-db.js';
import { Tracker } from '../../run/place.js';
import type { BackfillContext, Sample } from './context.js';
import type { BatchSettings } from './definition.js';
import { type BatchWork, bare, type Failed, failedRow, type Read, Tally } from './effect.js';

/** Work of `run`: the code does a whole batch, in its transaction. */
export function runRows(
  backfill: BackfillContext,
  { definition, columns, name }: BatchSettings,
  source: BatchSource,
): BatchWork {
  const run = definition.run as NonNullable<BatchDefinition['run']>;
  return {
    apply: async (client, found) => {
      const locks = source.table !== null && definition.lock !== false;
      const rows = locks ? await lockRows(client, source, found, columns) : found;
      const bound = rows.map(bare);
      const read = new Map<Row, Read>(bound.map((row, i) => [row, rows[i] as Read]));
      const known = (row: Row): Read => {
        const found = read.get(row);
        if (found !== undefined) return found;
        throw new RevgraphError('backfill_invalid', {
          message: `run of ${name} skipped or failed a row that is not in its batch.`,
          hint: 'Pass the row object that run received.',
        });
      };
      const skipped = new Tally();
      if (rows.length < found.length) skipped.add(MEANWHILE, found.length - rows.length);
      const created = new Tally();
      const failed: Failed[] = [];
      const out = new Set<Row>();
      const { db, finish } = openCodeDatabase(client, new Tracker(), backfill.file, { transaction: true });
      const context: BatchContext = {
        db,
        skip: (row, reason) => {
          known(row);
          if (!out.has(row)) skipped.add(String(reason));
          out.add(row);
        },
        fail: (row, error) => {
          if (!out.has(row)) failed.push(failedRow(keyOf(known(row), source), error));
          out.add(row);
        },
        created: (table, n) => created.add(table, n),
        revision: backfill.revision,
        preview: backfill.preview !== null,
        signal: backfill.signal ?? new AbortController().signal,
      };
      const answer = await ended(() => run(bound, context), finish);
      return {
        changed: countOf(answer) ?? bound.length - out.size,
        skipped: skipped.counts,
        failed,
        created: created.counts,
        fills: [],
        samples: await samplesOf(client, backfill, source, rows, columns),
      };
    },
  };
}

export const MEANWHILE = 'changed meanwhile';

/** Rows as they are now, for this transaction alone. Those that are gone, or meet the condition no more, are left out. */
export function lockRows(
  client: Queryable,
  source: BatchSource,
  rows: readonly Read[],
  columns: readonly string[] | null,
): Promise<Read[]> {
  const keys = rows.map((row) => keyOf(row, source));
  return readRows(client, source, keys, { columns, lock: true });
}

async function ended<T>(run: () => T, finish: () => Promise<void>): Promise<Awaited<T>> {
  try {
    const answer = await run();
    await finish();
    return answer;
  } catch (error) {
    await finish().catch(() => {
      // The first error is the one to report.
    });
    throw error;
  }
}

/** A number, or what a statement answers. */
function countOf(answer: unknown): number | null {
  const given =
    typeof answer === 'number' ? answer : ((answer as { changed?: unknown } | null)?.changed ?? null);
  return typeof given === 'number' && Number.isInteger(given) && given >= 0 ? given : null;
}

/** Of a dry run: the first rows of the batch that are others now than they were read. */
export async function samplesOf(
  client: Queryable,
  backfill: BackfillContext,
  source: BatchSource,
  rows: readonly Read[],
  columns: readonly string[] | null,
): Promise<Sample[]> {
  if (backfill.preview === null || source.table === null || backfill.preview.samples === 0) return [];
  const some = rows.slice(0, backfill.preview.samples * 10);
  const keys = some.map((row) => keyOf(row, source));
  const now = await readRows(client, { ...source, where: null }, keys, { columns });
  const later = new Map(now.map((row) => [JSON.stringify(keyOf(row, source)), bare(row)]));
  return some
    .flatMap((row, i) => {
      const key = keys[i] as string[];
      const was = bare(row);
      const is = later.get(JSON.stringify(key));
      if (is === undefined) return [{ key, before: was, after: {} }];
      const differ = Object.keys(was).filter(
        (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
      );
      const pick = (from: Row): Row => Object.fromEntries(differ.map((name) => [name, from[name]]));
      return differ.length === 0 ? [] : [{ key, before: pick(was), after: pick(is) }];
    })
    .slice(0, backfill.preview.samples);
}
