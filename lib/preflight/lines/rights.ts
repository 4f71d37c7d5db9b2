import type { TableRight } from '../../database/catalog/live-relations.js';
import type { RolePrivileges } from '../../database/catalog/privileges.js';
import { versionText } from '../../database/connection/server.js';
import { rightsText } from '../../database/tables/rights.js';
import { counted } from '../../errors/words.js';
import { lineAt, lineOf, type PreflightCheck, refusing } from './line.js';
import { nameOf, ofKind, placeOf, type Seen } from './seen.js';
import { RIGHT_WORDS, WORDING } from './wording.js';

const OLDEST = 140_000;

export function versionLine({ versionNumber }: Seen['server']): PreflightCheck {
  const version = versionNumber ?? 0;
  const is = `PostgreSQL ${versionText(version)}`;
  return version >= OLDEST
    ? lineOf('server_version', 'ok', 'PostgreSQL 14 or later', is)
    : lineOf('server_version', 'no', 'PostgreSQL 14 or later', is, 'Upgrade the server first.');
}

/** A standby, or a server whose transactions only read. */
export function writableLine({ readOnly }: Seen['server']): PreflightCheck {
  const title = 'The server can be written to';
  if (readOnly === null) return lineOf('server_writable', 'ok', title, 'it is a primary server');
  return readOnly === 'standby'
    ? lineOf('server_writable', 'no', title, 'it is a standby', 'Use the URL of the primary server.')
    : lineOf(
        'server_writable',
        'no',
        title,
        'default_transaction_read_only is on',
        'Set it to off for this role or database.',
      );
}

const OWNERS: ReadonlySet<TableRight> = new Set(['own', 'drop', 'refresh']);

/** Privileges that the statements need on existing objects, and those that revgraph's own tables need. */
export function rightLines(seen: Seen): PreflightCheck[] {
  const { server, privileges, asked } = seen;
  const wrong = [...tableRights(seen), ...roomRights(seen), ...ownTables(seen)];
  if (wrong.length > 0 || privileges === null) return wrong;
  const count = asked.questions.filter(({ kind }) => /^(right|schema|room|database)$/.test(kind)).length;
  const found = `${server.user}${privileges.superuser ? ', a superuser' : ''}: ${counted(count, 'privilege')} checked`;
  return [lineOf('privilege', 'ok', 'This role has the privileges that the plan needs', found)];
}

function tableRights(seen: Seen): PreflightCheck[] {
  const { user } = seen.server;
  return ofKind(seen, 'right').flatMap((asked) => {
    const relation = seen.relation(asked.table);
    if (relation === undefined || relation.rights[asked.right]) return [];
    const place = nameOf(seen, relation);
    const owner = OWNERS.has(asked.right);
    return lineAt(asked, {
      name: 'privilege',
      status: refusing(asked),
      title: `${RIGHT_WORDS[asked.right]}${owner ? '' : ' on'} ${place}`,
      found: owner
        ? `only the owner may do this, and ${user} is not the owner`
        : `${user} does not have this privilege`,
      remedy: owner
        ? `Run as the owner of ${place}, or make ${user} a member of that role.`
        : `${WORDING.grant(RIGHT_WORDS[asked.right], 'TABLE', placeOf(seen, relation), user)} or run as the owner.`,
    });
  });
}

function roomRights(seen: Seen): PreflightCheck[] {
  const { privileges, server } = seen;
  if (privileges === null) return [];
  const told = new Set<string>();
  const lines: PreflightCheck[] = [];
  for (const asked of seen.asked.questions) {
    const where =
      asked.kind === 'room'
        ? roomOf(seen, asked.table)
        : asked.kind === 'schema'
          ? schemaOf(privileges, asked.schema ?? firstSchema(seen, privileges), asked.right)
          : asked.kind === 'database' && !privileges.database
            ? {
                title: WORDING.createInDatabase(server.database),
                grant: ['DATABASE', server.database] as const,
              }
            : null;
    if (where === null || told.has(where.title)) continue;
    told.add(where.title);
    lines.push(
      lineAt(asked, {
        name: 'privilege',
        status: refusing(asked),
        title: where.title,
        found: `${server.user} does not have this privilege`,
        remedy:
          where.grant === null
            ? 'Run as the owner.'
            : `${WORDING.grant('CREATE', where.grant[0], [where.grant[1]], server.user)} or run as the owner.`,
      }),
    );
  }
  return lines;
}

interface Where {
  readonly title: string;
  /** On what: its kind and its name. Null: nothing that can be granted. */
  readonly grant: readonly ['DATABASE' | 'SCHEMA', string] | null;
}

function roomOf(seen: Seen, table: { schema: string | null; name: string }): Where | null {
  const relation = seen.relation(table);
  if (relation === undefined || relation.room) return null;
  return { title: WORDING.createInSchema(relation.schema), grant: ['SCHEMA', relation.schema] };
}

/** The schema of names without one; null where it is still to be made, before what goes into it. */
const firstSchema = ({ server }: Seen, { schemas, currentSchema }: RolePrivileges): string | null =>
  schemas[server.schema] === undefined ? null : currentSchema;

/** Null for a schema that does not exist: the plan, or a function that it calls, may create it. */
function schemaOf(
  privileges: RolePrivileges,
  schema: string | null,
  right: 'create' | 'owned',
): Where | null {
  const found = schema === null ? undefined : privileges.schemas[schema];
  if (found === undefined || found[right]) return null;
  return right === 'create'
    ? { title: WORDING.createInSchema(schema ?? ''), grant: ['SCHEMA', schema ?? ''] }
    : { title: WORDING.dropSchema(schema ?? ''), grant: null };
}

/** Version table and ledger: the privileges to write them, or to create them. */
function ownTables({ server, missing }: Seen): PreflightCheck[] {
  return missing.map((one) => {
    const { found, remedy } = rightsText(one, server.user);
    const { table, exists, on } = one;
    return lineOf(
      'privilege',
      'no',
      `${exists ? 'Write' : 'Create'} the table ${table}`,
      exists ? found : `${found} on ${on.replace('SCHEMA', 'schema')}`,
      exists ? remedy : `${remedy} Or use another schema with --schema.`,
    );
  });
}
