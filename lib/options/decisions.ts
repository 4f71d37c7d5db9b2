import type { Options } from './option.js';
import { RUN } from './table.js';

export const ACCEPT = {
  ...RUN,
  revision: { type: 'text', required: true, help: 'The revision that is meant as it is' },
  reason: { type: 'text', required: true, help: 'Why, for the ledger', flag: 'reason' },
} as const satisfies Options;

export const RETRY = {
  ...RUN,
  revision: { type: 'text', required: true, help: 'The revision whose last attempt did not end well' },
  done: {
    type: 'boolean',
    default: false,
    help: 'The statement in doubt was finished: go on behind it',
    flag: 'done',
  },
  anew: {
    type: 'boolean',
    default: false,
    help: 'What its statements did outside a transaction is gone, or may be done again: begin at the first one',
    flag: 'anew',
  },
  reason: { type: 'text', help: 'Why, for the ledger', flag: 'reason' },
} as const satisfies Options;

export const FORGET = {
  ...RUN,
  revision: { type: 'text', required: true, help: 'The row that no file has any more' },
  reason: { type: 'text', required: true, help: 'Why, for the ledger', flag: 'reason' },
  confirmed: {
    type: 'boolean',
    default: false,
    help: 'Forget it although code that has it would run it again',
    flag: 'yes',
  },
} as const satisfies Options;
