import type { Plan } from '../plan/plan.js';

/** A plan that runs one revision where the rows are, and leaves them there. */
export function planOfOne(revision: string, rows: readonly string[]): Plan {
  const step = { revision, direction: 'upgrade' as const, remove: [], add: [] };
  return { direction: 'upgrade', target: revision, from: rows, to: rows, steps: [step], merges: [] };
}
