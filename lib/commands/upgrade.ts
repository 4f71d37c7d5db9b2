import type { Plan } from '../plan/plan.js';
import { planUpgrade } from '../plan/upgrade.js';
import type { ChangeResult } from './change.js';
import { namingOf } from './naming.js';
import type { RunOptions } from './options.js';

export interface UpgradeOptions extends RunOptions {
  /** `head`, `heads`, an id or prefix, `label@head`, `+2`, `id+1` …; a release (`v1.0.28`, `^1.0.0`); several absolute ones as a list. Default `head`. */
  readonly target?: string | readonly string[] | undefined;
}

/**
 * Brings a database up to a target: one migrates, everybody else waits for the lock and finds nothing to do.
 *
 * @throws RevgraphError. Before anything ran: what loading, resolving the target, `@requires` and `@precheck` throw.
 * After it: `step_failed` with `applied`, `failed` and `remaining`; what was applied stays.
 */
export async function upgrade(options: UpgradeOptions): Promise<ChangeResult> {
  const target = options.target ?? 'head';
  const typed = [target].flat().join(' ');
  // What counts from the rows would lead elsewhere after a part of it ran.
  const next = (plan: Plan): string =>
    `revgraph upgrade ${/[+-]\d+$/.test(typed) ? plan.to.join(' ') : typed}`;
  // Loaded when something is to be run: lists need neither a driver nor a parser.
  const [{ change }, naming] = await Promise.all([import('./change.js'), namingOf(options.releases)]);
  return change(options, (graph, rows) => planUpgrade(graph, rows, naming.all(graph, target)), next, {
    look: async (opened) => (await import('./suspicion.js')).warnOfContradiction(opened),
  });
}
