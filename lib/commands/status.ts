import type { Status } from '../access/status.js';
import type { ProvenStatus, StatusOptions } from '../evidence/mending/status.js';
import type { ExplainOptions, Explanation } from '../inspection/explanation.js';

export type { State } from '../access/state.js';
export type { RevisionState } from '../inspection/explanation.js';
export type { ExplainOptions, Explanation, ProvenStatus, Status, StatusOptions };

/** The state of a database and its pending revisions. Creates nothing and takes no lock. */
export async function status(options: StatusOptions): Promise<ProvenStatus> {
  const { checkOptions } = await import('../config/check-options.js');
  const { provenStatus } = await import('../evidence/mending/status.js');
  return provenStatus(await checkOptions('status', options));
}

/**
 * Why a revision is applied, pending, held, missed or whatever else it is on this database, in sentences, and the next command.
 * The same judgement as that of `status`. Takes no lock, writes nothing. To see whether the file was edited, it is read: code is
 * imported, and not run.
 * @throws `unknown_revision` if neither a file nor the version table nor the ledger knows the revision
 */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  const { checkOptions } = await import('../config/check-options.js');
  const { explainOf } = await import('../inspection/explain.js');
  return explainOf(await checkOptions('explain', options));
}
