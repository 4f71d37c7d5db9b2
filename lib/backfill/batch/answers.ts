import type { Patch } from '../../database/batches/change.js';
import { fillText } from '../../database/batches/marks.js';
import { type BatchSource, keyOf, XMIN } from '../../database/batches/source.js';
import { RevgraphError } from '../../errors/error.js';
import type { RowChange, Skipped } from '../../revision/batches.js';
import type { Read } from './effect.js';

/** What `change` may answer. */
export type Answer = RowChange | Skipped | null | undefined;

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * What is to be done about a row.
 * @returns the patch, or the reason why it is skipped
 * @throws `backfill_invalid` for an answer that says something else than it means
 */
export function readAnswer(answer: unknown, row: Read, source: BatchSource, name: string): Patch | string {
  const wrong = (what: string, hint = HINT): RevgraphError =>
    new RevgraphError('backfill_invalid', { message: `change of ${name} ${what}.`, hint });
  if (answer == null) return 'nothing to change';
  if (!isPlain(answer))
    throw wrong(
      `returned ${typeof answer === 'object' ? 'an object that is not plain' : `a ${typeof answer}`}`,
    );
  if ('skipped' in answer) return String(answer.skipped);
  const unknown = Object.keys(answer).filter((part) => part !== 'set' && part !== 'merge');
  if (unknown.length > 0) throw wrong(`returned the unknown keys ${unknown.join(', ')}`);
  const { set = {}, merge = {} } = answer;
  if (!isPlain(set) || !isPlain(merge) || !Object.values(merge).every(isPlain))
    throw wrong('returned a set or merge that is not an object');
  const merged = merge as Record<string, Record<string, unknown>>;
  for (const column of [...Object.keys(set), ...Object.keys(merged)]) {
    if (!source.types.has(column))
      throw wrong(
        `sets ${column}, which ${source.table} does not have`,
        `It has ${[...source.types.keys()].slice(0, 20).join(', ')}.`,
      );
    if (source.key.includes(column)) throw wrong(`sets ${column}, which is part of the key of the batches`);
  }
  for (const column of Object.keys(merged))
    if (source.types.get(column) !== 'jsonb') throw wrong(`merges into ${column}, which is not jsonb`);
  for (const [where, value] of [
    ...Object.entries(set),
    ...Object.values(merged).flatMap((keys) => Object.entries(keys)),
  ])
    if (value === undefined)
      throw wrong(`returned ${where} as undefined`, 'Use null to empty it. Omit it to leave it unchanged.');
  if (Object.keys(set).length + Object.keys(merged).length === 0) return 'nothing to change';
  return { key: keyOf(row, source), xmin: String(row[XMIN]), set, merge: merged };
}

const HINT =
  'Return { set: { column: value }, merge: { jsonb_column: { key: value } } }, skip(reason), or nothing.';

/** Columns, or `column.key`, that a patch fills. */
export const fillsOf = ({ set, merge }: Patch): string[] => [
  ...Object.keys(set).map((column) => fillText(column, null)),
  ...Object.entries(merge).flatMap(([column, keys]) => Object.keys(keys).map((key) => fillText(column, key))),
];

/** What the rows of a backfill with a mark fill: the same in every row, or undo would empty what it did not fill. */
export interface Filling {
  fills: readonly string[] | null;
}

/** @throws `backfill_invalid` for a patch that fills something else than those before it */
export function assertSameFills(filling: Filling, patches: readonly Patch[], name: string): void {
  for (const patch of patches) {
    const fills = fillsOf(patch).sort();
    filling.fills ??= fills;
    if (fills.join('\0') === filling.fills.join('\0')) continue;
    throw new RevgraphError('backfill_invalid', {
      message: `change of ${name} fills ${fills.join(', ')} in row ${patch.key.join(', ')} and ${filling.fills.join(', ')} in others. With one mark, an undo could not tell them apart.`,
      hint: 'Fill the same columns in every row and skip the other rows. Or use two batches(), each with its own mark.',
    });
  }
}
