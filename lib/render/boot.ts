import type { BootResult } from '../boot/position.js';
import { type Paint, PLAIN } from './lists.js';
import { list } from './words.js';

/** What `boot` came to, for people. */
export function bootText(result: BootResult, paint: Paint = PLAIN): string {
  const { state, found, current, heads, pending, held, release, stamp, steps, dryRun } = result;
  const isHead = new Set(heads);
  const rows = current.map((id) => `${paint.id(id)}${isHead.has(id) ? ` ${paint.mark('(head)')}` : ''}`);
  const ids = steps.map(({ revision }) => paint.id(revision));
  return [
    ...(found === state ? [] : [`found     ${found}`]),
    `state     ${state}${release === null ? '' : ` (release ${release})`}`,
    ...(dryRun && stamp !== null ? [`would stamp ${list(stamp) || 'base'}`] : []),
    ...(dryRun ? [`would run ${steps.length}: ${list(ids) || 'nothing'}`] : []),
    ...(!dryRun && pending.length > 0 ? [`pending   ${pending.length}: ${list(pending)}`] : []),
    ...(held.length > 0 ? [`held      ${held.length}: ${list(held)}, waiting for a backfill to finish`] : []),
    list(rows) || 'base',
  ].join('\n');
}
