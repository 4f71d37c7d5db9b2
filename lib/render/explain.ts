import type { Explanation } from '../inspection/explanation.js';
import { type Paint, PLAIN } from './lists.js';

/** `explain`: what the revision is, why, and the next command. */
export function explanationText(
  { revision, state, today, why, next }: Pick<Explanation, 'revision' | 'state' | 'today' | 'why' | 'next'>,
  paint: Paint = PLAIN,
): string {
  const now = today === null ? '' : `, today ${paint.id(today)}`;
  return [
    `${paint.id(revision)}  ${paint.mark(state)}${now}`,
    ...why.map((sentence) => `  ${sentence.replaceAll('\n', '\n  ')}`),
    ...(next === null ? [] : [`→ ${next}`]),
  ].join('\n');
}
