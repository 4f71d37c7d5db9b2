/** What moves the cursor, colours, rings or turns the direction of writing; a line end or a tab is none of it. */
const CONTROL = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The same, but for the colours of a `Paint`. */
const UNPAINTED = new RegExp(`\\u001b\\[(?:2|22|31|32|33|36|39)m|${CONTROL.source}`, 'gu');

/**
 * Text that may come from anywhere (a message, the name of a file or a table, a notice, data) as a terminal may have it: what would
 * make the terminal do something is written out, `\x1b`.
 * @param painted whether it has colours of ours
 */
export function printable(text: string, painted = false): string {
  return text.replace(painted ? UNPAINTED : CONTROL, (found) => (found.length > 1 ? found : written(found)));
}

function written(sign: string): string {
  const code = sign.codePointAt(0) as number;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

/** One line of it, for a comment: no line ends. */
export const onOneLine = (text: string): string => printable(text.replace(/[\n\t]+/g, ' '));
