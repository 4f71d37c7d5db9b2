import type { ScriptOptions, ScriptResult } from '../apply/script/plan-script.js';

/** Returns the plan as a script for `psql`. Nothing is written or locked. */
export async function script(options: ScriptOptions): Promise<ScriptResult> {
  const { planScript } = await import('../apply/script/plan-script.js');
  return planScript(options);
}
