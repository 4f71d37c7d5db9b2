import type { Options } from './option.js';

/** Where the revisions are. */
export const PROJECT = {
  revisions: {
    type: 'given',
    required: true,
    help: 'Folder of the revisions',
    flag: 'revisions',
    config: true,
  },
  lines: {
    type: 'texts',
    help: 'Labels of lines that are meant to stay apart: each may have a head of its own',
    config: true,
  },
  releases: {
    type: 'releases',
    help: 'Versions of the product and the revisions that each ends in; targets may be releases',
    config: true,
  },
  runsOn: {
    type: 'runsOn',
    help: 'What a release runs on, where that is not just its own revisions: version → `>=REV` (is applied), `<REV` (is not)',
    config: true,
  },
  minimum: {
    type: 'text',
    help: 'The oldest release whose databases are still upgraded',
    config: true,
  },
} as const satisfies Options;

/** Where the database is, and how it is read. */
export const DATABASE = {
  ...PROJECT,
  database: {
    type: 'given',
    required: true,
    help: 'Database: postgresql://… or pglite:DIRECTORY',
    flag: 'url',
    config: 'url',
  },
  versionTable: {
    type: 'name',
    default: 'revgraph_version',
    help: 'Version table; an alembic_version whose ids the graph knows is used in place',
    flag: 'version-table',
    config: true,
  },
  schema: {
    type: 'name',
    default: "the connection's own",
    help: 'Schema of the version table, and first of the search path of every step',
    flag: 'schema',
    config: true,
  },
  role: {
    type: 'name',
    help: 'Role as which everything is done (SET ROLE); what is made belongs to it',
    flag: 'role',
    config: true,
  },
  connectTimeoutMs: {
    type: 'ms',
    default: 10_000,
    help: 'How long a server may take to answer',
    config: true,
  },
  connectRetryMs: {
    type: 'ms',
    default: 0,
    help: 'How long to wait for a server that is not up yet',
    flag: 'wait-for-database',
    config: true,
  },
  silenceTimeoutMs: {
    type: 'ms',
    default: 30_000,
    help: 'How long to wait for an answer while the server is not at work, or can’t be reached; 0 waits forever',
    flag: 'silence-timeout',
    config: true,
  },
  unknownRows: {
    type: ['refuse', 'warn', 'allow'],
    default: 'refuse; boot() and readiness() serve a database that is strictly ahead',
    help: 'What to do when the database has revisions that the files do not have',
    flag: 'unknown-rows',
    config: true,
  },
  edited: {
    type: ['refuse', 'warn', 'allow'],
    default: 'warn',
    help: 'What to do before a run when applied revisions were edited since they ran',
    flag: 'edited',
    config: true,
  },
  missed: {
    type: ['refuse', 'run'],
    default: 'refuse',
    help: 'What to do when revisions below applied ones never ran: refuse, or run them in order with the others',
    flag: 'missed',
    config: true,
  },
  checks: {
    type: 'checks',
    help: 'Checks that must hold when nothing is pending, besides the @verify checks of applied revisions',
    config: true,
  },
  application: {
    type: 'text',
    default: 'revgraph',
    help: 'Name of the application, for pg_stat_activity and the ledger',
    config: true,
  },
  onEvent: { type: 'function', help: 'Called with every event, see Events' },
  logger: {
    type: 'logger',
    help: 'A logger shaped like pino: one line per event, by `debug`, `info`, `warn` or `error`',
  },
  signal: { type: 'signal', help: 'Aborts between steps and batches, and while waiting' },
} as const satisfies Options;

/** How steps are run. */
export const STEP = {
  lockTimeoutMs: {
    type: 'ms',
    default: 5_000,
    help: 'How long a statement waits for a table lock before its step is rolled back and retried; 0 waits forever',
    flag: 'lock-timeout',
    config: true,
  },
  lockRetries: {
    type: 'count',
    default: 5,
    help: 'How often a step is retried after a lock timeout',
    config: true,
  },
  statementTimeoutMs: {
    type: 'ms',
    default: 0,
    help: 'How long a statement may run; 0 sets no limit',
    flag: 'statement-timeout',
    config: true,
  },
  background: {
    type: ['queue', 'inline'],
    default: 'queue',
    help: 'Leave background revisions to `backfill work`, or run them in place; an empty database always runs them in place',
    flag: 'background',
  },
  keepDowngrades: {
    type: 'boolean',
    default: true,
    help: 'Keep the downgrade of SQL revisions (up to 1 MB) in the ledger, so that code without the file can take them back',
    config: true,
  },
  compatible: {
    type: 'version',
    help: 'The first release of the product that runs on the schema of these revisions; older code refuses to start, as after `@breaks-before`',
    config: true,
  },
  actor: { type: 'text', default: "the operating system's user", help: 'Who runs this, for the ledger' },
} as const satisfies Options;

/** The names of functions around a run. */
export const HOOKS = ['beforeRun', 'afterStep', 'afterRun'] as const;

/** How a run is kept from meeting another, and what is asked before and after it. */
export const RUN = {
  ...DATABASE,
  ...STEP,
  lock: {
    type: ['advisory', 'transaction', 'row', 'off'],
    default: 'advisory',
    help: 'How runs are kept apart: transaction and row work behind a transaction pooler; off keeps nobody out',
    flag: 'lock',
    config: true,
  },
  lockWaitMs: {
    type: 'ms',
    default: 300_000,
    help: 'How long to wait for another run',
    flag: 'lock-wait',
    config: true,
  },
  verify: {
    type: 'boolean',
    default: true,
    help: 'Ask the checks of all applied revisions after an upgrade that ran something',
    flag: 'verify',
  },
  dryRun: { type: 'boolean', default: false, help: 'Show the plan, change nothing', flag: 'dry-run' },
  expect: {
    type: 'expect',
    help: 'The database that is meant; any other is refused before it is read',
    config: true,
  },
  hooks: {
    type: 'hooks',
    help: 'Functions around a run: beforeRun, afterStep and afterRun; only in a configuration that is code',
    config: true,
  },
  backup: { type: 'backup', help: 'A backup that must exist before anything runs', config: true },
  preflight: {
    type: ['check', 'off'],
    default: 'check',
    help: 'Look for what would fail before step one',
    flag: 'preflight',
  },
  destructive: {
    type: ['warn', 'ask', 'refuse'],
    default: 'warn; the command line asks on a terminal',
    help: 'What to do before an upgrade that drops a table or column with rows, or truncates or empties a table',
    flag: 'destructive',
    config: true,
  },
  limits: {
    type: 'limits',
    help: 'From when on a table is big and a transaction is long',
    config: 'preflight',
  },
} as const satisfies Options;
