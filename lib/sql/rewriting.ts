import type { TypeName } from './touch.js';

/** The type of a column that is there: PostgreSQL's name and modifier (-1 without one). */
export interface ColumnType {
  readonly type: string;
  readonly modifier: number;
}

/** Types as they may be written, by the names that PostgreSQL keeps. */
const WRITTEN: Readonly<Record<string, string>> = {
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  decimal: 'numeric',
  boolean: 'bool',
  real: 'float4',
};

/** Longer, or without a limit, only the catalog changes. */
const LENGTHS: ReadonlySet<string> = new Set(['varchar', 'varbit']);
const PRECISIONS: ReadonlySet<string> = new Set(['timestamp', 'timestamptz', 'time', 'timetz']);
const VARHDRSZ = 4;

/**
 * Whether a type change rewrites every row. Those that don't are known by name; any other is assumed to do so.
 * @param converts USING does more than to name the column
 */
export function rewritesRows(now: ColumnType, then: TypeName, converts: boolean): boolean {
  const name = WRITTEN[then.name] ?? then.name;
  if (converts) return true;
  const limits = then.modifiers;
  if (then.array) return !(now.type === `_${name}` && limits.length === 0);
  if (name === 'text') return !/^(text|varchar)$/.test(now.type);
  if (now.type === 'text') return !(name === 'varchar' && limits.length === 0);
  if (now.type === 'cidr') return name !== 'inet' && name !== 'cidr';
  if (now.type !== name) return true;
  if (limits.length === 0 && name !== 'bpchar') return false;
  if (LENGTHS.has(name)) {
    const length = name === 'varchar' ? now.modifier - VARHDRSZ : now.modifier;
    return now.modifier < 0 || (limits[0] ?? 0) < length;
  }
  if (PRECISIONS.has(name)) return now.modifier < 0 ? (limits[0] ?? 6) < 6 : (limits[0] ?? 6) < now.modifier;
  if (name === 'numeric') return numericRewrites(now.modifier, limits);
  return name === 'bpchar' ? (limits[0] ?? 1) !== now.modifier - VARHDRSZ : true;
}

/** The same scale and no less precision. Eleven bits of a modifier are the scale, which may be negative. */
function numericRewrites(modifier: number, [precision = 0, scale = 0]: readonly number[]): boolean {
  if (modifier < VARHDRSZ) return true;
  const kept = modifier - VARHDRSZ;
  const keptScale = ((kept & 0x7ff) ^ 1024) - 1024;
  return scale !== keptScale || precision < ((kept >> 16) & 0xffff);
}
