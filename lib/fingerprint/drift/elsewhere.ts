import type { Known } from '../catalogue.js';
import type { Snapshot } from '../fact.js';

const TABLE = /^table ("(?:[^"]|"")*"|[^".]+)\.(.*)$/;

/**
 * The schema in which the tables of these revisions stand, where it is not the one in which they make them: more than half of
 * the tables by name. Null where they are at home, or nowhere.
 */
export function elsewhere(known: Known, observed: Snapshot, home: string): string | null {
  const own = new Set<string>();
  for (const fact of known.facts) {
    const [, schema, table] = TABLE.exec(fact) ?? [];
    if (schema === home && table !== undefined && !observed.has(fact)) own.add(table);
  }
  const found = new Map<string, number>();
  for (const fact of observed) {
    const [, schema = home, table = ''] = TABLE.exec(fact) ?? [];
    if (schema !== home && own.has(table) && !known.facts.has(fact))
      found.set(schema, (found.get(schema) ?? 0) + 1);
  }
  const [schema, tables] = [...found].sort(([, a], [, b]) => b - a)[0] ?? [null, 0];
  return tables * 2 > own.size ? schema : null;
}
