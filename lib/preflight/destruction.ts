import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import { lossText } from '../errors/words.js';
import type { DataLoss } from './lines/line.js';

/** Whether an upgrade that destroys rows is something else than a warning. */
export const mindsDestruction = ({ destructive = 'warn' }: Pick<RunOptions, 'destructive'>): boolean =>
  destructive !== 'warn';

/**
 * Holds an upgrade that destroys rows against the policy. What a downgrade loses is asked for by itself.
 * @throws `confirmation_needed` unless it is confirmed; `destruction_refused` whether it is or not
 */
export function assertMayDestroy(
  { destructive }: Pick<RunOptions, 'destructive'>,
  losses: readonly DataLoss[],
  confirmed: boolean,
): void {
  if (losses.length === 0) return;
  if (destructive === 'refuse') throw new RevgraphError('destruction_refused', { losses });
  if (destructive !== 'ask' || confirmed) return;
  const consequence = ['these rows will be lost:', ...losses.map(lossText)].join('\n  ');
  throw new RevgraphError('confirmation_needed', { what: 'This upgrade destroys data', consequence, losses });
}
