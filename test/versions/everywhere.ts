import type { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import { inject } from 'vitest';
import { readFactRows } from '../../lib/database/catalog/introspect.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { type Snapshot, toSnapshot } from '../../lib/fingerprint/fact.js';
import { freshDatabase, freshPGlite } from '../support/databases.js';
import { dump } from './dumped.js';

/** An empty database of one PostgreSQL. */
export interface Place {
  readonly source: string | PGlite;
  run(script: string): Promise<void>;
  drop(): Promise<void>;
}

const EMBEDDED = 'PGlite';

/** All that could be had, by name. */
export const VERSIONS: readonly string[] = [
  ...inject('places').flatMap((place) => ('url' in place ? [place.version] : [])),
  EMBEDDED,
];

/** What could not be had, and why. */
export const WITHOUT: readonly { readonly version: string; readonly why: string }[] = inject(
  'places',
).flatMap((place) => ('why' in place ? [place] : []));

export async function emptyPlace(version: string): Promise<Place> {
  if (version === EMBEDDED) {
    const pglite = await freshPGlite({ btree_gin, pg_trgm, uuid_ossp });
    return {
      source: pglite,
      run: async (script) => void (await pglite.exec(script)),
      drop: () => pglite.close(),
    };
  }
  const place = inject('places').find((one) => one.version === version);
  if (place === undefined || 'why' in place) throw new Error(`there is no ${version}`);
  const database = await freshDatabase('template0', place.url);
  return {
    source: database.url,
    run: async (script) => void (await database.query(script)),
    drop: database.drop,
  };
}

export async function withPlace<T>(version: string, use: (place: Place) => Promise<T>): Promise<T> {
  const place = await emptyPlace(version);
  try {
    return await use(place);
  } finally {
    await place.drop();
  }
}

export const factsOf = (source: string | PGlite): Promise<Snapshot> =>
  withSession(source, {}, async (session) => toSnapshot(await readFactRows(session)));

/** Hands over a database of `version` into which `script`, a dump, was restored. */
export const restored = <T>(version: string, script: string, use: (place: Place) => Promise<T>): Promise<T> =>
  withPlace(version, async (place) => {
    // Settings that PostgreSQL got later than this server; psql would say so and go on.
    await place.run(script.replace(/^SET transaction_timeout = 0;$/m, ''));
    await place.run('RESET ALL');
    return use(place);
  });

/** Hands over a copy that went through dump and restore. */
export const copied = async <T>(
  source: string | PGlite,
  to: string,
  use: (place: Place) => Promise<T>,
): Promise<T> => restored(to, await dump(source), use);

/** A table for people. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
