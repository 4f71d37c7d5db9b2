import type { Options } from './option.js';
import { DATABASE } from './table.js';

/* Of the functions that tell what happened to a database, and why it is as it is. */

export const LOG = {
  ...DATABASE,
  revision: {
    type: 'text',
    default: 'all',
    help: 'Id, prefix or label of a revision; its file may be gone',
    flag: 'revision',
  },
  direction: {
    type: ['upgrade', 'downgrade', 'stamp'],
    default: 'all',
    help: 'Only entries of this kind',
    flag: 'direction',
  },
  outcome: {
    type: ['done', 'failed', 'running', 'retry'],
    default: 'all',
    help: 'Only entries that ended so; running ones go on, or were interrupted',
    flag: 'outcome',
  },
  since: {
    type: 'text',
    help: 'Only what began since a date (2026-01-31, 2026-01-31T12:00Z) or within a duration (7d, 12h, 30m); UTC',
    flag: 'since',
  },
  limit: { type: 'count', default: 50, help: 'How many entries at most; 0 sets no limit', flag: 'limit' },
} as const satisfies Options;

export const PICTURE = {
  ...DATABASE,
  database: { type: 'given', help: 'Not needed: with one, the picture tells where it stands', flag: 'url' },
  beside: { type: 'given', help: 'More databases, shown beside the first', flag: 'beside' },
  target: {
    type: 'oneOrMore',
    help: 'What an upgrade to this would run is marked: head, heads, an id, label@head, or a release',
    flag: 'target',
  },
  details: {
    type: 'boolean',
    default: false,
    help: 'Also the newest ledger entry of each revision',
  },
} as const satisfies Options;

export const EXPLAIN = {
  ...DATABASE,
  revision: {
    type: 'text',
    required: true,
    help: 'Id, prefix, label or former name of a revision; its file may be gone',
    flag: 'revision',
  },
} as const satisfies Options;
