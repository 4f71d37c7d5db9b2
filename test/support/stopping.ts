import { beforeEach, expect } from 'vitest';
import { upgrade, workBackfills } from '../../lib/index.js';
import type { TestDatabase } from './databases.js';

/** Text of a revision `f` whose backfill stops at the second of three rows. @param header lines of it */
export const stoppingFill = (header = ''): string =>
  `-- fills\n--\n-- @revision f\n-- @revises r1\n${header}-- @batch "fill" table p key id size 1\nUPDATE p SET n = n + 1 FROM batch WHERE p.id = batch.id;`;

/** The table `p` that it fills, before each test. @returns what stands in its rows */
export function stoppingRows(database: Pick<TestDatabase, 'query'>): () => Promise<unknown[]> {
  beforeEach(() =>
    database.query(
      'CREATE TABLE p (id int PRIMARY KEY, n int CHECK (n < 9)); INSERT INTO p VALUES (1, 0), (2, 8), (3, 0)',
    ),
  );
  return async () => (await database.query('SELECT n FROM p ORDER BY id')).map(({ n }) => n);
}

/** Upgrades to `r1`, and has the backfill of `f` stop: in place, or at its work in the background. */
export async function stopFill(
  at: { readonly revisions: string; readonly database: string },
  inBackground: boolean,
): Promise<void> {
  await upgrade({ ...at, target: 'r1' });
  if (!inBackground) {
    await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
    return;
  }
  await upgrade(at);
  await workBackfills(at).catch(() => {});
}
