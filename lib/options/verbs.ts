import type { Options } from './option.js';
import { DATABASE, PROJECT, RUN, STEP } from './table.js';

const TARGET = 'head, heads, an id or prefix, label@head, +2, id+1, or a release';

const CONFIRMED = {
  type: 'boolean',
  default: false,
  help: 'Run it although rows are lost, where `destructive` is `ask`',
  flag: 'yes',
} as const;

const PROVE = {
  type: ['warn', 'fail', 'off'],
  default: 'warn',
  help: 'Compare the schema with the catalogue before the last step is committed: warn of what the run made otherwise, or roll that step back',
  flag: 'prove',
} as const;

export const UPGRADE = {
  ...RUN,
  target: { type: 'oneOrMore', default: 'head', help: TARGET, flag: 'target' },
  confirmed: CONFIRMED,
  prove: PROVE,
} as const satisfies Options;

export const DOWNGRADE = {
  ...RUN,
  target: {
    type: 'text',
    required: true,
    help: 'base, an id or prefix, -1, id-2, label@base, or a release; what a downgrade names stays applied',
    flag: 'target',
  },
  confirm: {
    type: 'function',
    help: 'Called with the plan and its losses before anything runs; throw to refuse',
  },
  confirmed: {
    type: 'boolean',
    default: false,
    help: 'Take back revisions that no file has, with the downgrades that the ledger keeps',
    flag: 'yes',
  },
} as const satisfies Options;

export const SWITCH = {
  ...DOWNGRADE,
  target: { ...UPGRADE.target, default: 'heads' },
} as const satisfies Options;

export const STAMP = {
  ...RUN,
  target: {
    type: 'oneOrMore',
    help: 'id, prefix, heads, label@head or base; not with auto or recorded',
    flag: 'target',
    formerly: 'targets',
  },
  auto: { type: 'boolean', default: false, help: 'Stamp what the schema proves, and no more', flag: 'auto' },
  recorded: {
    type: 'boolean',
    default: false,
    help: 'Restore the rows that the ledger records; what it counts as applied stays as it is',
    flag: 'recorded',
  },
  acceptDrift: {
    type: 'boolean',
    default: false,
    help: 'With auto: stamp a drifted database too; the ledger keeps what differs. Without it, only what costs no more than speed is accepted',
    flag: 'accept-drift',
  },
  override: {
    type: 'override',
    help: 'With auto: the revision and the reason that overrule the evidence',
    flag: 'revision',
  },
  reason: { type: 'text', help: 'Why, for the ledger', flag: 'reason' },
  confirmed: {
    type: 'boolean',
    default: false,
    help: 'Stamp a database that has tables and no version table without evidence',
    flag: 'yes',
  },
} as const satisfies Options;

export const SCRIPT = {
  ...STAMP,
  revisions: PROJECT.revisions,
  database: { type: 'given', help: 'Not needed for a range FROM:TO', flag: 'url' },
  direction: {
    type: ['upgrade', 'downgrade', 'undo', 'stamp'],
    required: true,
    help: 'What the script does',
  },
} as const satisfies Options;

export const REPAIR = {
  ...RUN,
  run: {
    type: 'texts',
    help: 'Run this revision too, though nothing contradicts it; needs a reason',
    flag: 'revision',
  },
  assumeRan: {
    type: 'texts',
    help: 'Take this revision to have run, though it left no trace; needs a reason',
    flag: 'assume-ran',
  },
  reason: STAMP.reason,
  confirmed: CONFIRMED,
} as const satisfies Options;

export const REPAIR_DRIFT = {
  ...RUN,
  reason: STAMP.reason,
  confirmed: {
    type: 'boolean',
    default: false,
    help: 'Run the statements without asking',
    flag: 'yes',
  },
} as const satisfies Options;

export const BOOT = {
  ...RUN,
  confirmed: CONFIRMED,
  connectRetryMs: { ...RUN.connectRetryMs, default: 30_000 },
  policy: {
    type: ['migrate', 'wait', 'verify', 'skip'],
    default: 'migrate',
    help: 'Migrate the database, wait until another process has, only verify it, or only look',
    flag: 'policy',
  },
  target: { type: 'oneOrMore', default: 'heads', help: 'Where the database has to be', flag: 'target' },
  waitMs: { type: 'ms', default: 300_000, help: 'Policy wait: how long', flag: 'wait' },
  evidence: {
    type: ['check', 'off'],
    default: 'check',
    help: 'Compare the version table with the schema before anything runs',
    flag: 'evidence',
  },
  drift: {
    type: ['refuse', 'accept'],
    default: 'refuse',
    help: 'A legacy database that has drifted: refuse it, unless what differs costs no more than speed, or stamp it and keep what differs in the ledger',
    flag: 'drift',
  },
  prove: PROVE,
  override: {
    type: 'override',
    help: 'Where a database is that cannot be identified, and the reason',
    flag: 'revision',
  },
} as const satisfies Options;

export const STATUS = {
  ...DATABASE,
  prove: {
    type: 'boolean',
    default: false,
    help: 'Compare the schema with what the catalogue has for the rows',
    flag: 'prove',
  },
} as const satisfies Options;

export const READINESS = {
  ...DATABASE,
  target: BOOT.target,
  verify: {
    type: 'boolean',
    default: false,
    help: 'Whether the checks of applied revisions, and `checks`, must pass too',
  },
  prove: {
    type: 'boolean',
    default: false,
    help: 'Whether the schema must be what the catalogue has for the rows, too',
  },
  ttlMs: { type: 'ms', default: 5_000, help: 'How long an answer is good' },
  timeoutMs: { type: 'ms', default: 2_000, help: 'How long a look at the database may take' },
} as const satisfies Options;

export const PREFLIGHT = {
  ...RUN,
  target: { ...UPGRADE.target, help: `${TARGET}; a downgrade needs one` },
  direction: {
    type: ['upgrade', 'downgrade'],
    default: 'upgrade',
    help: 'Which run is checked',
    flag: 'downgrade',
  },
} as const satisfies Options;

export const VERIFY = {
  ...DATABASE,
  statementTimeoutMs: { ...STEP.statementTimeoutMs, default: 60_000 },
} as const satisfies Options;

export const IDEMPOTENCE = {
  ...RUN,
  revision: {
    type: 'text',
    required: true,
    help: 'Run the upgrade of this applied revision once more, show what that changes, and roll it back',
    flag: 'idempotent',
  },
} as const satisfies Options;

const REVISION = { type: 'text', help: 'Id or prefix of a revision', flag: 'revision' } as const;

export const BACKFILL = {
  ...RUN,
  revision: REVISION,
  reason: STAMP.reason,
  key: { type: 'texts', help: 'One row, by the values of its key', flag: 'key', default: 'all rows' },
  connections: {
    type: 'positive',
    default: 1,
    help: 'Connections that work side by side',
    flag: 'connections',
  },
  queue: {
    type: 'boolean',
    default: false,
    help: 'Share the work with other processes that say the same',
    flag: 'queue',
  },
  mode: {
    type: ['run', 'count'],
    default: 'run',
    help: 'Run every batch and roll it back, or only count the rows',
    flag: 'count',
  },
  samples: { type: 'count', default: 5, help: 'Rows to show before and after', flag: 'samples' },
} as const satisfies Options;
