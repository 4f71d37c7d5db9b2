const SHOWN = 12;

/** `a, b and 3 more`: at most `shown` names. */
export function list(names: readonly string[], shown = SHOWN): string {
  if (names.length <= shown) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

/** `1.5 s`, `12 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** The start of a statement on one line, for messages. */
export function excerpt(statement: string, width = 160): string {
  const line = statement.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** `1 fact differs`, `4 facts differ`. */
export function factsDiffer(count: number): string {
  return count === 1 ? '1 fact differs' : `${count} facts differ`;
}
