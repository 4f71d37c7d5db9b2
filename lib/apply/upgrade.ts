import type { Opened } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import { shellWord } from '../errors/words.js';
import { COUNTS } from '../graph/target.js';
import type { OptionsOf } from '../options/option.js';
import type { UPGRADE } from '../options/verbs.js';
import type { Plan } from '../plan/plan.js';
import { namingOf } from '../project/targets.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { upgradePlanner } from './plan-for.js';
import type { Prover } from './ready.js';

export interface UpgradeOptions extends RunOptions, OptionsOf<typeof UPGRADE> {}

/**
 * See `upgrade`.
 * @param look given the open database, and the plan, when something is about to be run
 * @param prove makes a proof of the end
 */
export async function upgradeDatabase(
  options: UpgradeOptions,
  look?: (opened: Opened, plan: Plan) => Promise<void>,
  prove?: Prover,
): Promise<ApplyResult> {
  const typed = [options.target ?? []].flat();
  // What counts from the rows would lead elsewhere after a part of it ran.
  const next = (plan: Plan): string => {
    const counts = typed.some((one) => COUNTS.test(one));
    const targets = counts ? plan.to : typed.length > 0 ? typed : [plan.target];
    return `revgraph upgrade ${targets.map(shellWord).join(' ')}`;
  };
  const naming = await namingOf(options.releases);
  return applyPlan(options, upgradePlanner(naming, options), next, {
    look,
    prove,
    confirmed: options.confirmed,
  });
}
