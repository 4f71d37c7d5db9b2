import { RevgraphError } from '../../errors/error.js';
import type { BulkColumn, BulkTable } from './table.js';

/** Says what is wrong with a value; the caller knows its row and column. */
export class BadValue extends Error {}

/** NUL, and surrogates: of these the lone ones are bad. */
const SUSPICIOUS = /[\0\ud800-\udfff]/;

/** `\u0000` and surrogates that JSON.stringify had to escape, with an even number of backslashes before. */
const BAD_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * A value as PostgreSQL writes it; null for NULL. Text is taken as it is: PostgreSQL's own notation of the type, except
 * for json and jsonb, where every value, text too, is the value itself.
 * @throws BadValue
 */
export function textOf(value: unknown, column: BulkColumn): string | null {
  if (value === null) return null;
  if (column.isArray && Array.isArray(value)) return arrayText(value, column);
  return scalarText(value, column);
}

function scalarText(value: unknown, column: BulkColumn): string {
  if (column.kind === 'json' && !column.isArray) return jsonText(value);
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
      return numberText(value, column);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return String(value);
    case 'object':
      return objectText(value as object, column);
    default:
      throw new BadValue(`a ${typeof value} is not a value`);
  }
}

function wellFormed(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  if (text.includes('\0')) throw new BadValue('text with a NUL character');
  if (/\p{Surrogate}/u.test(text)) throw new BadValue('text with half a character (a lone surrogate)');
  return text;
}

function numberText(value: number, { kind, type, limit }: BulkColumn): string {
  if (!Number.isFinite(value))
    throw new BadValue(`${value} is not a number; for the value of PostgreSQL, pass the text '${value}'`);
  if (kind === 'integer') {
    if (!Number.isInteger(value)) throw new BadValue(`${value} is not a whole number, as ${type} is`);
    if (value > limit || value < -limit - (limit === Number.MAX_SAFE_INTEGER ? 0 : 1))
      throw new BadValue(
        limit === Number.MAX_SAFE_INTEGER
          ? `${value} exceeds the exact range of a number; pass a bigint`
          : `${value} is out of the range of ${type}`,
      );
  }
  return String(value);
}

function objectText(value: object, column: BulkColumn): string {
  const { kind } = column;
  if (value instanceof Date) return dateText(value, kind);
  if (value instanceof Uint8Array) {
    if (kind !== 'bytes') throw new BadValue(`bytes are not ${column.type}`);
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  // What `pg` reads an interval as.
  if ('toPostgres' in value && typeof value.toPostgres === 'function')
    return wellFormed(String(value.toPostgres(String)));
  if (kind === 'composite' && !column.isArray && !Array.isArray(value)) return jsonText(value);
  throw new BadValue(
    `${Array.isArray(value) ? 'an array' : 'an object'} is not ${column.type}; pass PostgreSQL's notation as text`,
  );
}

/** The same instant for `timestamp with time zone`, the local wall clock for the types without one: as `pg` does it. */
function dateText(value: Date, kind: BulkColumn['kind']): string {
  if (Number.isNaN(value.getTime())) throw new BadValue('an invalid Date');
  if (kind !== 'clock') return inYear(value.getUTCFullYear(), `${value.toISOString().slice(-20, -1)}Z`);
  const [month, day, hours, minutes, seconds] = [
    value.getMonth() + 1,
    value.getDate(),
    value.getHours(),
    value.getMinutes(),
    value.getSeconds(),
  ].map((part) => String(part).padStart(2, '0'));
  const ms = String(value.getMilliseconds()).padStart(3, '0');
  return inYear(value.getFullYear(), `-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}`);
}

/** Year 0 of JavaScript is 1 BC. */
const inYear = (year: number, rest: string): string =>
  year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;

function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new BadValue(`it can't be converted to JSON: ${String((error as Error).message).split('\n')[0]}`);
  }
  if (text === undefined) throw new BadValue(`a ${typeof value} is not JSON`);
  // JSON.stringify turns what is not a number into null without a word.
  if (text.includes('null')) assertNumbers(value);
  if (text.includes('\\u') && BAD_ESCAPE.test(text))
    throw new BadValue('JSON with a NUL character or half a character (a lone surrogate)');
  return text;
}

function assertNumbers(value: unknown): void {
  JSON.stringify(value, function (this: Record<string, unknown>, key, inner: unknown) {
    if (typeof inner === 'number' && !Number.isFinite(inner)) throw new BadValue(`JSON with ${inner}`);
    // Dates come as what toJSON made of them.
    const given = this[key];
    if (given instanceof Date && Number.isNaN(given.getTime()))
      throw new BadValue('JSON with an invalid Date');
    return inner;
  });
}

function arrayText(values: readonly unknown[], column: BulkColumn): string {
  const parts = values.map((value) => {
    if (value === null) return 'NULL';
    if (Array.isArray(value) && column.kind !== 'json') return arrayText(value, column);
    if (value === undefined) throw new BadValue('the array contains undefined; pass null instead');
    const text = column.kind === 'json' ? jsonText(value) : scalarText(value, column);
    return quoted(text);
  });
  return `{${parts.join(column.delimiter)}}`;
}

const SPECIAL = /["\\]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON would write these as an array literal doesn't.
const UNLIKE_JSON = /[\0-\x1f\ud800-\udfff]/;

/** As an element of an array literal. Without control characters that is how JSON writes it, at a fraction of the time. */
export function quoted(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  return UNLIKE_JSON.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : JSON.stringify(text);
}

/** {@link textOf}, with row and column in what it throws. @throws `bad_row` */
export function valueText(
  row: Readonly<Record<string, unknown>>,
  number: number,
  column: BulkColumn,
  table: BulkTable,
): string | null {
  const value = row[column.name];
  try {
    if (value === undefined) throw new BadValue('the value is undefined; pass null for NULL');
    return textOf(value, column);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw badRow(table, number, column.name, error.message);
  }
}

export const badRow = (table: BulkTable, row: number, column: string | null, reason: string): RevgraphError =>
  new RevgraphError('bad_row', { table: table.name, row, column, reason });
