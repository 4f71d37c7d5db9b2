import { isUndefinedTable } from '../connection/failure.js';
import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE } from './ledger.js';
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
export async function readUnproven(
  client: Queryable,
  schema: string | null,
): Promise<readonly AcceptedDrift[]> {
  try {
    const { rows } = await client.query(
      `SELECT statistics -> 'unproven' AS unproven FROM ${inSchema(schema, LEDGER_TABLE)} WHERE outcome = 'done' ORDER BY entry DESC LIMIT 1`,
    );
    return (rows[0]?.unproven ?? []) as AcceptedDrift[];
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw otherLedger(error);
  }
}

/** What the newest stamp that accepted any drift accepted; empty without a ledger. One query. */
export async function readAcceptedDrift(
  client: Queryable,
  schema: string | null,
): Promise<readonly AcceptedDrift[]> {
  try {
    const { rows } = await client.query(
      `SELECT statistics -> 'drift' AS drift FROM ${inSchema(schema, LEDGER_TABLE)}
       WHERE outcome = 'done' AND direction = 'stamp' AND statistics -> 'drift' IS NOT NULL ORDER BY entry DESC LIMIT 1`,
    );
    return (rows[0]?.drift ?? []) as AcceptedDrift[];
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw otherLedger(error);
  }
}
