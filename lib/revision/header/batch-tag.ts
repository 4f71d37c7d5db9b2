import { unescaped } from './tag-value.js';

/** The value of a `@batch` tag. */
export interface BatchTag {
  readonly title: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly size: number | null;
  readonly where: string | null;
  readonly mark: BackfillMark | null;
  readonly fills: readonly string[];
}

/** How a `@batch` tag is written. */
export const BATCH_FORM = '-- @batch "title" table T key K[, K] size 500 where "SQL" fills C mark C';

const WORDS = ['table', 'key', 'size', 'where', 'fills', 'mark'];
const TOKEN = /"((?:[^"\\]|\\.)*)"|([^\s,"]+)|,/gy;
const NAME = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/;

/** Reads the value of a `@batch` tag, or says what is wrong with it. */
export function readBatchTag(value: string): BatchTag | string {
  const tokens = tokensOf(value);
  if (tokens === null) return 'has an unclosed quote';
  let title: string | null = null;
  const parts = new Map<string, string[]>();
  let open: string[] | null = null;
  for (const { text, quoted } of tokens) {
    if (!quoted && WORDS.includes(text)) {
      if (parts.has(text)) return `has ${text} twice`;
      open = [];
      parts.set(text, open);
    } else if (open !== null) open.push(text);
    else if (quoted && title === null) title = text;
    else return `has the unknown word ${JSON.stringify(text)}`;
  }
  return assembled(title, parts);
}

function assembled(title: string | null, parts: ReadonlyMap<string, readonly string[]>): BatchTag | string {
  const one = (name: string): string | null =>
    parts.get(name)?.length === 1 ? (parts.get(name)?.[0] ?? null) : null;
  for (const name of ['table', 'size', 'where', 'mark'])
    if (parts.has(name) && one(name) === null) return `needs one value after ${name}`;
  const table = one('table');
  if (table === null || !NAME.test(table)) return 'does not name a table';
  const key = parts.get('key') ?? [];
  if (key.length === 0 || !key.every((name) => NAME.test(name))) return 'does not name a key';
  const size = one('size');
  if (size !== null && !/^[1-9]\d{0,6}$/.test(size))
    return `has a size that is not a number of rows: ${size}`;
  const fills = parts.get('fills') ?? [];
  if (parts.has('fills') && fills.length === 0) return 'names no column after fills';
  for (const name of [...fills, ...(parts.get('mark') ?? [])])
    if (!NAME.test(name)) return `names ${JSON.stringify(name)}, which is neither a column nor column.key`;
  const mark = one('mark');
  return {
    title: title ?? table,
    table,
    key,
    size: size === null ? null : Number(size),
    where: one('where'),
    mark: mark === null ? null : markOf(mark),
    fills,
  };
}

/** `column`, or `column.key` of a jsonb column. */
export function markOf(text: string): BackfillMark {
  const dot = text.indexOf('.');
  return dot === -1 ? { column: text } : { column: text.slice(0, dot), key: text.slice(dot + 1) };
}

function tokensOf(value: string): { text: string; quoted: boolean }[] | null {
  const tokens: { text: string; quoted: boolean }[] = [];
  let at = 0;
  while (at < value.length) {
    if (/\s/.test(value[at] as string)) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(value);
    if (found === null) return null;
    at = TOKEN.lastIndex;
    if (found[1] !== undefined) tokens.push({ text: unescaped(found[1]), quoted: true });
    else if (found[2] !== undefined) tokens.push({ text: found[2], quoted: false });
  }
  return tokens;
}

/**
 * Where a batched revision leaves its mark, so that its rows can be found again: a column, or a key of a jsonb column.
 * `value`: `revision` (default) writes the id of the revision, `time` the time of the batch.
 */
export interface BackfillMark {
  readonly column: string;
  /** A key of the jsonb object in `column`. */
  readonly key?: string | undefined;
  readonly value?: 'revision' | 'time' | undefined;
}
