import { quote } from '../connection/server.js';

/** A type as SQL, without its modifiers. */
export function typeSql({
  schema,
  name,
  array,
}: {
  schema: string | null;
  name: string;
  array: boolean;
}): string {
  return `${schema === null ? '' : `${quote(schema)}.`}${quote(name)}${array ? '[]' : ''}`;
}
