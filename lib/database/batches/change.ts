import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { literal } from '../literal.js';
import type { KeptMark } from '../tables/backfill-state.js';
import { type BatchSource, KEY_PREFIX, keyOf } from './source.js';

/** What becomes of one row, with the version of the row that it was made for. */
export interface Patch {
  readonly key: readonly string[];
  readonly xmin: string;
  readonly set: Readonly<Record<string, unknown>>;
  /** Column → keys of its jsonb object. */
  readonly merge: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Changes rows, one statement for all that set the same columns. A row that is not the version any more that a patch was
 * made for stays as it is. With a mark, a row where something is there already stays as well.
 * @returns keys of the rows that were changed
 */
export async function applyPatches(
  client: Queryable,
  source: BatchSource,
  patches: readonly Patch[],
  mark: { readonly at: KeptMark; readonly revision: string } | null,
): Promise<string[][]> {
  const changed: string[][] = [];
  for (const group of groups(patches).values()) {
    const { text, values } = updateOf(source, group, mark);
    const { rows } = await client.query(text, values);
    for (const row of rows) changed.push(keyOf(row, source));
  }
  return changed;
}

/** Patches by the columns that they touch. */
function groups(patches: readonly Patch[]): Map<string, Patch[]> {
  const found = new Map<string, Patch[]>();
  for (const patch of patches) {
    const merged = Object.entries(patch.merge).map(([column, keys]) => [column, Object.keys(keys).sort()]);
    const shape = JSON.stringify([Object.keys(patch.set).sort(), merged]);
    const group = found.get(shape);
    if (group === undefined) found.set(shape, [patch]);
    else group.push(patch);
  }
  return found;
}

function updateOf(
  source: BatchSource,
  patches: readonly Patch[],
  mark: { readonly at: KeptMark; readonly revision: string } | null,
): { text: string; values: unknown[] } {
  const [{ set, merge }] = patches as [Patch];
  const columns = Object.keys(set);
  const merged = Object.keys(merge);
  const typeOf = (column: string): string => source.types.get(column) as string;
  const assignments = new Map(columns.map((column, i) => [column, `b.s${i}`]));
  for (const [i, column] of merged.entries())
    assignments.set(column, `coalesce(t.${quote(column)}, ${mark === null ? "'{}'" : WAS_NULL}) || b.m${i}`);
  if (mark !== null) assignMark(assignments, mark.at, typeOf(mark.at.column));
  const record = [
    ...source.keyTypes.map((type, i) => `k${i} ${type}`),
    'x text',
    ...columns.map((column, i) => `s${i} ${typeOf(column)}`),
    ...merged.map((_, i) => `m${i} jsonb`),
  ].join(', ');
  const key = source.key.map((name) => `t.${quote(name)}`).join(', ');
  const text = `UPDATE ${source.table} AS t SET ${[...assignments].map(([column, value]) => `${quote(column)} = ${value}`).join(', ')}
    FROM json_to_recordset($1::json) AS b(${record})
    WHERE (${key}) = (${source.key.map((_, i) => `b.k${i}`).join(', ')}) AND t.xmin::text = b.x${mark === null ? mergeable(merged) : untouched(patches[0] as Patch, mark.at)}
    RETURNING ${source.key.map((name, i) => `(to_jsonb(t.${quote(name)}) #>> '{}') AS "${KEY_PREFIX}${i}"`).join(', ')}`;
  const rows = patches.map((patch) => [
    ...patch.key.map((value, i) => [`k${i}`, value]),
    ['x', patch.xmin],
    ...columns.map((column, i) => [`s${i}`, patch.set[column]]),
    ...merged.map((column, i) => [`m${i}`, patch.merge[column]]),
  ]);
  const values: unknown[] = [
    JSON.stringify(
      rows.map((row) => Object.fromEntries(row)),
      replaced,
    ),
  ];
  if (mark !== null && mark.at.value !== 'time') values.push(mark.revision);
  return { text, values };
}

/** An object that stands where nothing stood, so that an undo can make it nothing again. */
export const WAS_NULL_KEY = 'revgraph:null';
const WAS_NULL = `jsonb_build_object('${WAS_NULL_KEY}', true)`;

/** What a mark writes. */
function assignMark(assignments: Map<string, string>, { column, key, value }: KeptMark, type: string): void {
  const written = value === 'time' ? 'now()' : '$2::text';
  if (key === null) assignments.set(column, `${written}::${type}`);
  else {
    const before = assignments.get(column) ?? `coalesce(t.${quote(column)}, ${WAS_NULL})`;
    assignments.set(column, `${before} || jsonb_build_object(${literal(key)}, ${written})`);
  }
}

/** What is to be filled is null or absent, so that an undo brings every row back as it was. */
function untouched({ set, merge }: Patch, mark: KeptMark): string {
  const free = Object.keys(set).map((column) => isFree({ column }));
  for (const [column, keys] of Object.entries(merge))
    free.push(...Object.keys(keys).map((key) => orNull(column, isFree({ column, key }))));
  free.push(mark.key === null ? isFree(mark) : orNull(mark.column, isFree(mark)));
  return ` AND ${[...new Set(free)].join(' AND ')}`;
}

/** What is merged into is an object, or nothing. */
const mergeable = (columns: readonly string[]): string =>
  columns.map((column) => ` AND ${orNull(column, `jsonb_typeof(t.${quote(column)}) = 'object'`)}`).join('');

const orNull = (column: string, condition: string): string => `(t.${quote(column)} IS NULL OR ${condition})`;

/** A condition over `t`: the column is null, or its jsonb object does not have the key. */
export function isFree({ column, key }: { column: string; key?: string | null | undefined }): string {
  const there = `t.${quote(column)}`;
  if (key == null) return `${there} IS NULL`;
  return `(jsonb_typeof(${there}) = 'object' AND NOT jsonb_exists(${there}, ${literal(key)}))`;
}

/** How JavaScript's values reach JSON: what JSON would lose goes as text. */
function replaced(this: unknown, name: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[name];
  if (raw instanceof Date) return localTime(raw);
  if (raw instanceof Uint8Array) return `\\x${Buffer.from(raw).toString('hex')}`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** As `pg` sends a Date: local time with its offset, which suits columns with and without a time zone. */
function localTime(date: Date): string {
  const two = (n: number): string => String(Math.abs(n)).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}
