import { nameIn } from '../tree.js';
import { namesOfText } from './catalog.js';
import { ANYTHING, type Effects, made, on, type UnseenEffect } from './unseen.js';

const NAME = String.raw`\s+((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)`;
const WRITTEN: readonly (readonly [UnseenEffect['on'], RegExp])[] = [
  [
    'rows',
    new RegExp(
      String.raw`\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|REFRESH\s+MATERIALIZED\s+VIEW(?:\s+CONCURRENTLY)?)${NAME}`,
      'gi',
    ),
  ],
  [
    'form',
    new RegExp(
      String.raw`\bALTER\s+TABLE(?:\s+IF\s+EXISTS)?(?:\s+ONLY)?${NAME}(?=[^;]*\b(?:DEFAULT|TYPE|RENAME|TRIGGER|RULE|SCHEMA|DROP\s+CONSTRAINT)\b)`,
      'gi',
    ),
  ],
  ['view', new RegExp(String.raw`\bVIEW(?:\s+IF\s+(?:NOT\s+)?EXISTS)?${NAME}`, 'gi')],
  ['function', new RegExp(String.raw`\b(?:FUNCTION|PROCEDURE)(?:\s+IF\s+EXISTS)?${NAME}`, 'gi')],
  // What the tables of code are called: `db.update('item', …)`, `batches({ table: 'item' })`.
  ['rows', /\bdb\s*\.\s*\w+\(\s*['"`]([\w.]+)['"`]/g],
  ['rows', /\btable\s*:\s*['"`]([\w.]+)['"`]/g],
];
/** `to_jsonb(NEW)`, `NEW.*`, `OLD::text`: whole rows, of what table the words don't tell. */
const WHOLE =
  /\b(?:to_jsonb?|row_to_json|hstore)\s*\(\s*[\w.]+\s*\)|\bjsonb?_agg\s*\(|\b(?:new|old)\s*::|\.\*/i;
/** A table whose name is put together: `format('UPDATE %I …')`, `'DELETE FROM ' || t`, `INSERT INTO ${table}`. */
const MADE_UP =
  /\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)(?:\s+ONLY)?\s*(?:\s%|'\s*\|\||\s\$\{)/i;
/** What code calls for what it does. */
const CALLED = new RegExp(String.raw`\b(?:PERFORM|CALL)${NAME}\s*\(`, 'gi');
/** INSERT without names of columns. */
const COUNTED = new RegExp(String.raw`\bINSERT\s+INTO${NAME}\s+(?=VALUES\b|SELECT\b|TABLE\b)`, 'gi');
const STAR = new RegExp(String.raw`\bSELECT\s+\*\s+FROM${NAME}`, 'gi');
const MAKES_TABLE = /\bCREATE\s+(?:UNLOGGED\s+)?TABLE\b/i;
const REVOKED = /\bREVOKE\b/i;
const GRANTED = /\bGRANT\b/i;
const WRITING = ['insert', 'update', 'delete', 'conflict'];
const READ = new RegExp(String.raw`\b(?:FROM|JOIN|USING)${NAME}`, 'gi');

/** The effects that the words of code name, in DO blocks and programs: more rather than less. */
export function effectsOfText(code: string): Effects {
  const found = (kind: UnseenEffect['on'], pattern: RegExp): UnseenEffect[] =>
    [...code.matchAll(pattern)].flatMap(([, name = '']) => on(kind, nameIn(name)));
  const writes = WRITTEN.flatMap(([kind, pattern]) => found(kind, pattern));
  if (MADE_UP.test(code)) writes.push(...on('rows', ANYTHING));
  const names = namesOfText(code);
  writes.push(...names.changed);
  const reads = [...found('rows', READ), ...found('function', CALLED), ...names.found];
  const forms = (effects: readonly UnseenEffect[], verbs: readonly string[]): UnseenEffect[] =>
    effects.flatMap((effect) => (effect.on === 'rows' ? [{ ...effect, on: 'form' as const, verbs }] : []));
  if (REVOKED.test(code)) writes.push(...on('rights', ANYTHING));
  if (GRANTED.test(code)) reads.push(...on('rights', ANYTHING));
  if (MAKES_TABLE.test(code)) reads.push(...on('rights', made('OBJECT_TABLE')));
  reads.push(...found('order', COUNTED), ...found('order', STAR));
  const taken = found('form', STAR).map((one) => ({ ...one, verbs: ['whole'] }));
  const whole: UnseenEffect[] = WHOLE.test(code)
    ? [...taken, { on: 'form', ...ANYTHING, verbs: ['whole'] }, ...on('order', ANYTHING)]
    : taken;
  return { writes, reads: [...reads, ...forms(writes, WRITING), ...forms(reads, ['select']), ...whole] };
}
