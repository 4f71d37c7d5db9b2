import type { DrizzleConfig } from 'drizzle-orm';
import { type NodePgClient, type NodePgDatabase, drizzle as overPg } from 'drizzle-orm/node-postgres';
import type { CodeDb } from '../revision/batches.js';

/**
 * Drizzle on the connection of a step: what it does stands or falls with the revision. A transaction of Drizzle's is refused where
 * the step has one (`transaction_contradiction`).
 *
 * @param db that of the revision, or of a batch
 * @param config as Drizzle takes it: `schema`, `logger`, `casing`
 */
export function drizzle<Schema extends Record<string, unknown> = Record<string, never>>(
  { query }: Pick<CodeDb, 'query'>,
  config: DrizzleConfig<Schema> = {},
): NodePgDatabase<Schema> {
  // Of a client it uses nothing but this.
  const client = { query } as unknown as NodePgClient;
  return overPg({ ...config, client }) as NodePgDatabase<Schema>;
}
