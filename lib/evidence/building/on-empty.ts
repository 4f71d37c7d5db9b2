import { upgradeDatabase } from '../../apply/upgrade.js';
import { withSession } from '../../database/connection/connect.js';
import { ended } from '../../database/connection/ended.js';
import type { Session } from '../../database/connection/session.js';
import type { ThrowAways } from '../../database/throwaway/template.js';
import { isRevgraphError } from '../../errors/error.js';
import type { Project } from '../../project/project.js';

/**
 * Runs revisions up to the heads on an empty database, which is dropped, and reads what that ends in.
 * @param refused the error that tells why they do not run
 */
export async function runOnEmpty<T>(
  place: ThrowAways,
  project: Project,
  {
    read,
    refused,
    signal,
  }: {
    readonly read: (session: Session) => Promise<T>;
    readonly refused: (why: Error) => Error;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { database, drop } = await place.fresh();
  const run = async (): Promise<T> => {
    await upgradeDatabase({ revisions: project, database, target: 'heads', background: 'inline', signal });
    return withSession(database, {}, read);
  };
  return ended(run, drop).catch((error: unknown) => {
    // Its advice is about a database of the user's, and this one is gone.
    throw isRevgraphError(error) && !error.is('aborted') ? refused(error) : error;
  });
}
