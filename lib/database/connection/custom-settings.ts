import type { Queryable } from './session.js';

/** SET app.tenant = …, set_config('app.tenant', …). */
const SETS =
  /\bset\s+(?:session\s+)?((?:"[^"]+"|[a-z_][\w$]*)(?:\.(?:"[^"]+"|[a-z_][\w$]*))+)\s*(?:=|to\b)|\bset_config\s*\(\s*'([^']+\.[^']+)'/gi;

/** Settings of an application's own by name, as they were before a statement set them; null: there was none. */
export type CustomSettings = ReadonlyMap<string, string | null>;

/**
 * A lent connection that remembers the settings of an application's own, such as `app.tenant`, before a statement changes
 * them: PostgreSQL has no list of them to be read at the begin.
 */
export function rememberCustom(query: Queryable['query']): Queryable & { readonly custom: CustomSettings } {
  const custom = new Map<string, string | null>();
  return {
    custom,
    query: (text, values) => {
      // An object, as `pg` takes it, comes of code that wants its rows in another shape.
      const said: unknown = typeof text === 'string' ? text : Object(text).text;
      for (const [, set, call] of typeof said === 'string' ? said.matchAll(SETS) : []) {
        const name = (set?.replaceAll('"', '') ?? call ?? '').toLowerCase();
        if (custom.has(name)) continue;
        custom.set(name, null);
        // Not waited for: it goes before the statement, and two statements keep their order.
        query('SELECT current_setting($1, true) AS value', [name]).then(
          ({ rows }) => custom.set(name, (rows[0]?.value as string | undefined) ?? null),
          () => custom.delete(name),
        );
      }
      return query(text, values);
    },
  };
}
