import type { Status } from '../access/status.js';
import type { DatabaseOptions } from '../config/options.js';

export type { State } from '../access/state.js';
export type { Status };

/** The state of a database and its pending revisions. Creates nothing and takes no lock. */
export async function status(options: DatabaseOptions): Promise<Status> {
  const { checkOptions } = await import('../config/check-options.js');
  const { statusOf } = await import('../access/status.js');
  return statusOf(await checkOptions('status', options));
}
