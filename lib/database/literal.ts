/** A value as an SQL literal, as `pg` would send it. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return text(value.toISOString());
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`;
  if (Array.isArray(value)) return value.length === 0 ? "'{}'" : `ARRAY[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object') return text(JSON.stringify(value));
  return text(String(value));
}

function text(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  // With a backslash only E'' means the same whatever standard_conforming_strings says.
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A name as a quoted SQL identifier. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name for a statement that people type: in quotes where it would not be the same name without. */
export function asTyped(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quote(name);
}
