import type { Options } from './option.js';
import { DATABASE, PROJECT, RUN } from './table.js';

/** What is written to, or has a file beside it. */
const FOLDER = { ...PROJECT.revisions, type: 'text' } as const;

export const CATALOGUE = {
  revisions: FOLDER,
  database: {
    type: 'given',
    default: 'an embedded one in memory',
    help: 'An empty database to replay on',
  },
  onEvent: DATABASE.onEvent,
  logger: DATABASE.logger,
  signal: DATABASE.signal,
} as const satisfies Options;

export const CATALOGUE_BUILD = {
  ...CATALOGUE,
  on: {
    type: 'text',
    default: 'PGlite in memory',
    help: 'Server to replay on, in a database of its own that is dropped',
    flag: 'url',
  },
  anew: {
    type: 'boolean',
    default: false,
    help: 'Replay every revision, whatever an earlier build has kept',
    flag: 'anew',
  },
} as const satisfies Options;

export const CHECK = {
  ...DATABASE,
  database: { type: 'given', help: 'Not needed: see `against`' },
  against: {
    type: 'given',
    help: 'A database: what is wrong between it and the revisions is a problem as well',
    flag: 'against',
  },
  release: {
    type: 'text',
    help: 'With against: whether this release of the product can run on that database',
    flag: 'release',
  },
  base: { type: 'text', help: 'A git ref: check what there will be after a merge into it', flag: 'base' },
} as const satisfies Options;

/** A schema is read without the revisions that made it. */
export const FACTS = {
  ...DATABASE,
  revisions: { type: 'given', help: 'Not needed: a schema is read as it is' },
} as const satisfies Options;

export const LIST = {
  ...DATABASE,
  database: { type: 'given', help: 'Only needed where `current` is asked for', flag: 'url' },
  range: {
    type: 'text',
    default: ':',
    help: 'A:B, A: or :B, both ends included; current means the rows',
    flag: 'range',
  },
  target: {
    type: 'oneOrMore',
    help: 'id, prefix, head, heads, label@head or current',
    flag: 'target',
    formerly: 'targets',
  },
} as const satisfies Options;

export const NEW_REVISION = {
  revisions: FOLDER,
  message: { type: 'text', required: true, help: 'What it is for, in one line', flag: 'message' },
  heads: { type: 'texts', default: 'the one head', help: 'What it revises', flag: 'head' },
  releases: PROJECT.releases,
  target: {
    type: 'oneOrMore',
    default: 'all heads',
    help: 'What to merge',
    flag: 'target',
    formerly: 'targets',
  },
  splice: { type: 'boolean', default: false, help: 'Allow a revision that is not a head', flag: 'splice' },
  dependsOn: { type: 'texts', help: 'Prerequisites', flag: 'depends-on' },
  labels: { type: 'texts', help: 'Branch label of the new line', flag: 'label' },
  id: { type: 'text', default: '12 random hex digits', help: 'Id of the revision', flag: 'rev-id' },
  kind: { type: ['sql', 'ts'], default: 'sql', help: 'Write TypeScript instead of SQL', flag: 'ts' },
} as const satisfies Options;

export const MATRIX = {
  revisions: PROJECT.revisions,
  starts: { type: 'given', help: 'Databases that people still have, by name' },
  releases: PROJECT.releases,
  fresh: { type: 'boolean', default: true, help: 'Whether an empty database is a start' },
  releaseStarts: { type: 'boolean', default: true, help: 'Whether every release is a start' },
  only: { type: 'texts', default: 'all', help: 'Only these starts', flag: 'start' },
  targets: { type: 'texts', default: 'heads', help: 'Targets, or releases', flag: 'target' },
  checks: { type: 'given', help: 'Questions about the data at the end of a path' },
  on: {
    type: 'text',
    default: 'PGlite in memory',
    help: 'Server to make databases on, which are dropped',
    flag: 'on',
  },
  concurrency: {
    type: 'positive',
    default: '2 on PGlite, 4 on a server',
    help: 'How many paths are walked side by side',
  },
  versionTable: DATABASE.versionTable,
  schema: DATABASE.schema,
  connectTimeoutMs: DATABASE.connectTimeoutMs,
  connectRetryMs: DATABASE.connectRetryMs,
  onEvent: DATABASE.onEvent,
  logger: DATABASE.logger,
  signal: DATABASE.signal,
} as const satisfies Options;

export const SQUASH = {
  revisions: FOLDER,
  releases: PROJECT.releases,
  minimum: PROJECT.minimum,
  range: {
    type: 'text',
    default: 'all up to the minimum release',
    help: 'FROM:TO, both ends included, or TO for all up to it; a release may be an end',
    flag: 'range',
  },
  message: {
    type: 'text',
    default: 'squash of FROM to TO',
    help: 'What it is for, in one line',
    flag: 'message',
  },
  id: { type: 'text', default: '12 random hex digits', help: 'Id of the squash', flag: 'rev-id' },
  on: MATRIX.on,
  confirmed: {
    type: 'boolean',
    default: false,
    help: 'Delete the files of the revisions whose place it takes',
    flag: 'yes',
  },
  dryRun: { ...RUN.dryRun, help: 'Prove it and show it, write and delete nothing' },
  signal: DATABASE.signal,
} as const satisfies Options;

export const BASELINE = {
  ...RUN,
  message: { type: 'text', required: true, help: 'What it is for, in one line', flag: 'message' },
  id: { type: 'text', default: '12 random hex digits', help: 'Id of the revision', flag: 'rev-id' },
  dump: {
    type: 'text',
    default: 'made now by pg_dump',
    help: 'File of `pg_dump --schema-only` of this database',
    flag: 'dump',
  },
  pgDump: {
    type: 'text',
    default: 'pg_dump',
    help: 'The program that makes the dump',
    flag: 'pg-dump',
  },
  on: {
    type: 'text',
    default: 'PGlite in memory',
    help: 'Server to run the revision on for the proof and the catalogue, in databases of their own that are dropped',
    flag: 'on',
  },
  stamp: {
    type: 'boolean',
    default: true,
    help: 'Write down in the version table that the database has it',
    flag: 'stamp',
  },
  dryRun: { ...RUN.dryRun, help: 'Prove it and show it, and write nothing' },
} as const satisfies Options;

export const INIT = {
  directory: { type: 'text', default: '.', help: 'The folder of the project', flag: 'directory' },
  revisions: { type: 'text', default: 'revisions', help: 'Folder of the revisions', flag: 'revisions' },
} as const satisfies Options;
