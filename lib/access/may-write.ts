import { describeServer, type Server } from '../database/connection/server.js';
import { asTyped } from '../database/literal.js';
import { missingRights } from '../database/tables/rights.js';
import { pinSchema } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { Opened } from './open.js';

/**
 * Asked before rows or ledger are written, and in a dry run, so that both say the same. A plan asks for more (`makeReady`).
 * @param opened with the server, if that is known already
 * @throws `server_read_only`, `permission_denied` with the GRANT that is missing
 */
export async function assertMayWrite(
  opened: Opened & { readonly server?: Server },
  { schema }: { readonly schema?: string | undefined },
): Promise<void> {
  const { session } = opened;
  const server = opened.server ?? (await describeServer(session, schema));
  if (server.readOnly !== null)
    throw new RevgraphError('server_read_only', { why: server.readOnly, url: session.label });
  const missing = await missingRights(session, await pinSchema(session, opened.table, server), server);
  if (missing.length === 0) return;
  const { user } = server;
  throw new RevgraphError('permission_denied', {
    what: 'writing the version table and the ledger',
    reason: missing.map(({ rights, on }) => `${user} does not have ${rights.join(', ')} on ${on}`).join('; '),
    grant: missing
      .map(({ rights, on }) => `GRANT ${rights.join(', ')} ON ${on} TO ${asTyped(user)};`)
      .join(' '),
  });
}
