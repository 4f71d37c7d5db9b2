import { withDatabase } from '../../access/open.js';
import { type Status, statusIn } from '../../access/status.js';
import type { DatabaseOptions } from '../../config/options.js';
import { type AcceptedDrift, readUnproven } from '../../database/tables/accepted-drift.js';
import type { OptionsOf } from '../../options/option.js';
import type { STATUS } from '../../options/verbs.js';
import type { SchemaProof } from './schema-proof.js';

export interface StatusOptions extends DatabaseOptions, OptionsOf<typeof STATUS> {}

export interface ProvenStatus extends Status {
  /** What the newest run made otherwise than the catalogue has it, by its ledger entry. */
  readonly unproven: readonly AcceptedDrift[];
  /** Whether the schema is what the catalogue has for the rows; null unless `prove` asks for it. */
  readonly proof: SchemaProof | null;
}

/** See `status`. */
export async function provenStatus(options: StatusOptions): Promise<ProvenStatus> {
  return withDatabase(options, async (opened) => {
    const { session, table } = opened;
    const status = await statusIn(opened, options);
    const unproven = opened.record === null ? [] : await readUnproven(session, table);
    if (options.prove !== true) return { ...status, unproven, proof: null };
    // Who only asks where the rows are loads nothing of the evidence.
    const { proveOpened } = await import('./prove.js');
    return { ...status, unproven, proof: await proveOpened(opened) };
  });
}
