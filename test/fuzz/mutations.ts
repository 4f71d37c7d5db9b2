import type { Dice } from '../support/code-edits.js';

/** What is odd to readers of text: ends of lines, quotes, marks, what has half a character, what is long. */
const ODD = [
  ...[
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\0',
    '\t',
    ' ',
    "'",
    '"',
    '$$',
    '$a$',
    '--',
    '/*',
    '*/',
    ';',
    '\\',
    '@',
    ',',
    ':',
    '%',
    '?',
    '=',
  ],
  ...[
    '\u{1F600}',
    '\uD800',
    'é',
    '\u202E',
    '\uFEFF',
    '-1',
    '+2',
    '..',
    '/',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    'null',
    '9'.repeat(40),
  ],
  ...[
    'x'.repeat(300),
    "E'\\'",
    'U&"d\\0061"',
    '__proto__',
    'constructor',
    'head',
    'base',
    '<',
    '>',
    '!',
    '#',
    '&',
  ],
];

/** A text with a few of its parts taken out, put in, doubled or moved. */
export function mutated(seeds: readonly string[], dice: Dice): string {
  let text = seeds[dice(seeds.length)] as string;
  for (let edits = 1 + dice(5); edits > 0; edits--) {
    const at = dice(text.length + 1);
    const to = Math.min(text.length, at + dice(12));
    const part = text.slice(at, to);
    const other = seeds[dice(seeds.length)] as string;
    const piece = other.slice(dice(other.length + 1)).slice(0, dice(40));
    const odd = ODD[dice(ODD.length)] as string;
    text = [
      () => text.slice(0, at) + text.slice(to),
      () => text.slice(0, at) + odd + text.slice(at),
      () => text.slice(0, at) + odd + text.slice(to),
      () => text.slice(0, at) + part.repeat(1 + dice(20)) + text.slice(to),
      () => text.slice(0, at) + piece + text.slice(at),
      () => text.slice(to) + text.slice(0, at),
    ][dice(6)]?.() as string;
    if (text.length > 4000) text = text.slice(0, 4000);
  }
  return text;
}

/** A value of JSON, with a few of its members changed for others of any kind. */
export function mutatedValue(value: unknown, dice: Dice, seeds: readonly string[]): unknown {
  if (dice(6) === 0) return anything(dice, seeds);
  if (Array.isArray(value)) {
    const changed = value.map((one) => (dice(4) === 0 ? mutatedValue(one, dice, seeds) : one));
    return dice(5) === 0 ? [...changed, anything(dice, seeds)] : changed;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).flatMap(([name, one]): [string, unknown][] =>
      dice(12) === 0
        ? []
        : [
            [
              dice(12) === 0 ? mutated([name], dice) : name,
              dice(3) === 0 ? mutatedValue(one, dice, seeds) : one,
            ],
          ],
    );
    return Object.fromEntries(entries);
  }
  return typeof value === 'string' && dice(3) > 0 ? mutated([value], dice) : anything(dice, seeds);
}

function anything(dice: Dice, seeds: readonly string[]): unknown {
  const any = [null, true, -1, 1e308, 0.5, [], {}, '', [[]], { a: { b: [] } }, Number.MAX_SAFE_INTEGER + 1];
  return dice(3) === 0 ? mutated(seeds, dice) : any[dice(any.length)];
}
