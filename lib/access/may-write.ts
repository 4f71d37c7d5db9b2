import { hasSchema } from '../database/catalog/occupancy.js';
import { describeServer, type Server } from '../database/connection/server.js';
import { isBehind, missingRights, rightsText } from '../database/tables/rights.js';
import { pinSchema } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { Opened } from './open.js';

/**
 * Asked before rows or ledger are written, and in a dry run, so that both say the same. A plan asks for more (`makeReady`).
 * @param opened with the server, if that is known already
 * @param moves whether the rows of the version table are to be changed; else only the ledger is written
 * @throws `server_read_only`, `permission_denied` with the statements that give what is missing
 */
export async function assertMayWrite(
  opened: Opened & { readonly server?: Server },
  { schema }: { readonly schema?: string | undefined },
  moves = true,
): Promise<void> {
  const { session } = opened;
  if (schema !== undefined && !(await hasSchema(session, schema)))
    throw new RevgraphError('schema_missing', { searchPath: schema });
  const server = opened.server ?? (await describeServer(session, schema));
  if (server.readOnly !== null)
    throw new RevgraphError('server_read_only', { why: server.readOnly, url: session.label });
  // pg-mem knows no rights.
  if (server.versionNumber === null) return;
  const table = await pinSchema(session, opened.table, server);
  const missing = await missingRights(session, table, server, moves || !table.exists);
  if (missing.length === 0) return;
  const [number] = missing.filter(isBehind);
  if (number !== undefined) {
    const { found, remedy } = rightsText(number, server.user);
    throw new RevgraphError('version_table_invalid', { table: number.table, reason: found, remedy });
  }
  const texts = missing.map((one) => ({ ...rightsText(one, server.user), on: one.on }));
  throw new RevgraphError('permission_denied', {
    what: 'writing the version table and the ledger',
    reason: [...new Set(texts.map(({ found, on }) => `${found} on ${on}`))].join('; '),
    grant: [...new Set(texts.map(({ remedy }) => remedy))].join(' '),
  });
}
