import { counted, duration, list } from '../errors/words.js';
import type { EventBody } from '../run/events.js';

/** Why a step is tried again, where that is no table lock. */
const RETRIED: Readonly<Record<string, string>> = {
  '40P01': 'it met another transaction in a deadlock',
  '40001': 'another transaction overtook its snapshot',
};

const rowsText = (rows: readonly string[]): string => list(rows) || 'base';

/** An event as one sentence, without colours and without its level. */
export function eventMessage(event: EventBody): string {
  switch (event.type) {
    case 'database-busy':
      return `Waiting: the embedded database is in use by ${event.holder}`;
    case 'database-waiting':
      return `Waiting for the database: ${event.reason}`;
    case 'lock-waiting':
      return `Waiting for the lock, held by ${event.holder}`;
    case 'lock-obtained':
      return `The lock is free after ${duration(event.waitedMs)}`;
    case 'version-table-adopted':
      return `Using the version table ${event.table} in place`;
    case 'state-found':
      return `The database is ${event.state}, at ${rowsText(event.current)}`;
    case 'stamped':
      return `Stamped ${rowsText(event.to)}: ${event.why}`;
    case 'planned':
      return `${counted(event.total, 'step')} to run, from ${rowsText(event.from)} to ${rowsText(event.to)}`;
    case 'step-started':
      return `${event.direction} of ${event.revision} begins (${event.number}/${event.total})`;
    case 'step-finished':
      return `${event.direction} of ${event.revision} is done after ${duration(event.ms)} (${event.number}/${event.total})`;
    case 'step-failed':
      return `${event.direction} of ${event.revision} failed after ${duration(event.ms)}: ${event.reason}`;
    case 'step-retried':
      return `${event.revision}: ${RETRIED[event.sqlstate] ?? 'a table is locked'}${event.blocker === null ? '' : ` by ${event.blocker}`}; attempt ${event.attempt + 1} in ${duration(event.pauseMs)}`;
    case 'backfill-progress':
      return `${event.revision}: ${event.name}: ${counted(event.scanned, 'row')}${event.total === null ? '' : ` of ${event.total}`}, ${event.perSecond} a second`;
    case 'backfill-paused':
      return `${event.revision}: ${event.name} is paused; run \`revgraph backfill resume ${event.revision}\` to continue`;
    case 'backfill-resumed':
      return `${event.revision}: ${event.name} continues`;
    case 'backfill-throttled':
      return `${event.revision}: ${event.name} waits: ${event.reason}`;
    case 'row-quarantined':
      return `${event.revision}: ${event.name}: row ${event.key.join(', ')} failed: ${event.error}`;
    case 'backfill-finished':
      return `${event.revision}: ${event.name} is done: ${counted(event.scanned, 'row')}, ${event.changed} changed, ${event.failed} failed`;
    case 'backfill-queued':
      return `${event.revision} is queued for the background; run \`revgraph backfill work\``;
    case 'log':
    case 'notice':
      return `${event.revision}: ${event.message}`;
    case 'warning':
      return event.message;
    default:
      return event satisfies never;
  }
}
