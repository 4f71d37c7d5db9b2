import type { ScriptOptions, ScriptResult } from '../apply/script/plan-script.js';

/** The plan as a script that `psql` can run: nothing is written, nothing is locked. */
export async function script(options: ScriptOptions): Promise<ScriptResult> {
  const { planScript } = await import('../apply/script/plan-script.js');
  return planScript(options);
}
