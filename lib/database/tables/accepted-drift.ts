import { isUndefinedTable } from '../connection/failure.js';
import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE, type LedgerOf, newestDoneQuery, ofTable } from './ledger.js';
import { otherLedger } from './record.js';

/** An object that differed when its database was stamped, and that was accepted as it was; kept in the entry of the stamp. */
export interface AcceptedDrift {
  /** `index public.item_price` */
  readonly object: string;
  /** Facts that were not there. */
  readonly missing: readonly string[];
  /** Facts that were there instead, or beside. */
  readonly unexpected: readonly string[];
}

/** What the last step of the newest run made otherwise than the catalogue has it; empty where all was as it should be. One query. */
export const readUnproven = (client: Queryable, table: LedgerOf): Promise<readonly AcceptedDrift[]> =>
  newestOf(client, table, 'unproven', `outcome = 'done'`);

/** What a proof has refused since anything was last done: steps that were done before stand, and theirs is still there. One query. */
export async function readRefused(
  client: Queryable,
  table: LedgerOf,
): Promise<readonly Pick<AcceptedDrift, 'object'>[]> {
  return newestOf(
    client,
    table,
    'unproven',
    `outcome = 'failed' AND statistics -> 'unproven' IS NOT NULL AND entry > coalesce((${newestDoneQuery(table)}), 0)`,
  );
}

/** What the newest stamp that accepted any drift accepted; empty without a ledger. One query. */
export const readAcceptedDrift = (client: Queryable, table: LedgerOf): Promise<readonly AcceptedDrift[]> =>
  newestOf(
    client,
    table,
    'drift',
    `outcome = 'done' AND direction = 'stamp' AND statistics -> 'drift' IS NOT NULL`,
  );

async function newestOf(
  client: Queryable,
  table: LedgerOf,
  key: 'unproven' | 'drift',
  which: string,
): Promise<readonly AcceptedDrift[]> {
  try {
    const { rows } = await client.query(
      `SELECT statistics -> '${key}' AS kept FROM ${inSchema(table.schema, LEDGER_TABLE)} WHERE ${which} AND ${ofTable(table)} ORDER BY entry DESC LIMIT 1`,
    );
    return (rows[0]?.kept ?? []) as AcceptedDrift[];
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw otherLedger(error);
  }
}
