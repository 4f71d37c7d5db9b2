import { counted, list } from './words.js';

/** Where a replay of the graph stopped. */
export interface ReplayPlace {
  readonly revision: string;
  /** `other`: another valid order of the same revisions, in which they must end in the same schema. */
  readonly order: 'usual' | 'other';
  /** Revisions before it, in this order. */
  readonly after: readonly string[];
  readonly total: number;
  /** How many of those the next build does not run again. */
  readonly kept: number;
  /** Whether it was replayed on the embedded database. */
  readonly embedded: boolean;
}

const NEAR = 6;

export function replayText({ revision, order, after, total }: ReplayPlace): string {
  const before = after.length > NEAR ? `…, ${list(after.slice(-NEAR))}` : list(after);
  const which = order === 'usual' ? 'the usual order' : 'the other valid order';
  return `It is revision ${after.length + 1} of ${total} in ${which} of the replay${before === '' ? '' : `: ${before}, ${revision}`}.`;
}

export function replayHint({ kept, embedded }: ReplayPlace): string {
  const server = embedded
    ? " If only the embedded database can't run it, replay on a server: `revgraph catalogue build --url URL`."
    : '';
  const again =
    kept === 0
      ? 'Fix it, then run `revgraph catalogue build` again.'
      : `Fix it, then run \`revgraph catalogue build\` again: what was replayed before it (${counted(kept, 'revision')}) is not replayed again.`;
  return `${again}${server} To leave it out, write \`@catalogue skip "why"\` into its header: the catalogue then takes it on trust.`;
}
