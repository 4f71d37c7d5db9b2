import * as revgraph from '../../lib/index.js';
import { planText } from '../../lib/render/plan.js';
import { lossLine } from '../../lib/render/preflight.js';
import { list } from '../../lib/render/words.js';
import type { Invocation } from '../command.js';
import type { Run } from '../documents.js';
import type { Globals, RunFlags } from '../globals.js';
import type { Output } from '../output.js';
import { databaseAndConfig, projectSettings } from '../settings.js';

/** What `--json` prints of a run. */
export function runDocument({ direction, from, to, steps, dryRun }: revgraph.ApplyResult): Run {
  return { direction, from, to, steps, dryRun };
}

/** The rows at the end, as `id (head)`. */
export function endLine(to: readonly string[], { graph }: revgraph.Project, output: Output): string {
  const heads = new Set(graph.effectiveHeads);
  if (to.length === 0) return 'base';
  return list(
    to.map((id) => `${output.paint.id(id)}${heads.has(id) ? ` ${output.paint.mark('(head)')}` : ''}`),
  );
}

/** The plan of a dry run, for people. */
export function showPlan(result: revgraph.ApplyResult, project: revgraph.Project, output: Output): void {
  if (result.steps.length === 0) {
    output.text(nothingToDo(result.to, project, output));
    return;
  }
  const message = (id: string): string => project.revisions.get(id)?.message ?? 'no file has it';
  output.text(planText(result.plan, { message, lost: result.losses.map(lossLine) }, output.paint));
  for (const { revision, sql } of result.kept)
    if (sql !== null) output.text(`\n-- ${revision}, as the ledger keeps it\n${sql.trim()}`);
}

/** What a run came to, for people: the plan of a dry run, or where the rows are now. */
export function showResult(result: revgraph.ApplyResult, project: revgraph.Project, output: Output): void {
  if (result.dryRun) {
    showPlan(result, project, output);
    output.aside('Dry run: nothing was changed.');
  } else if (result.steps.length === 0) output.text(nothingToDo(result.to, project, output));
  else output.text(endLine(result.to, project, output));
}

/** What these files hold ran; a row of other code is named apart, since of its line nothing is known. */
function nothingToDo(to: readonly string[], project: revgraph.Project, output: Output): string {
  const unknown = to.filter((id) => !project.graph.has(id));
  const known = to.filter((id) => project.graph.has(id));
  const end = endLine(known, project, output);
  if (unknown.length === 0) return `Nothing to do: the database is at ${end}`;
  // What rows of other code include, these files do not know.
  const where = known.length === 0 ? 'Nothing was run' : `The database is at ${end}`;
  return `${where}; ${list(unknown.map(output.paint.id))}, which no file has, ${unknown.length === 1 ? 'is' : 'are'} left alone`;
}

/** `--sql`: prints the script; exit value 4 if code that must see data leaves a gap in it. */
export async function printScript(
  flags: Globals & RunFlags,
  output: Output,
  invocation: Invocation,
  what: Pick<revgraph.ScriptOptions, 'direction' | 'target'>,
): Promise<void> {
  const offline = typeof what.target === 'string' && what.target.includes(':');
  const { config, ...settings } = offline
    ? await projectSettings(flags)
    : await databaseAndConfig(flags, output, invocation.signal);
  const { application } = config;
  const { versionTable = config.versionTable, schema = config.schema } = flags;
  const { missed = config.missed, unknownRows = config.unknownRows } = flags;
  const { edited = config.edited, destructive = config.destructive } = flags;
  const made = await revgraph.script({
    ...settings,
    application,
    versionTable,
    schema,
    missed,
    unknownRows,
    edited,
    destructive,
    ...what,
  });
  const { text, complete, opaque, ...document } = made;
  if (!output.json) process.stdout.write(text);
  output.document(what.direction, { ...document, complete, opaque, sql: text });
  if (complete) return;
  output.aside(`The script is not complete. ${list(opaque)} must read data, and the script stops there.`);
  invocation.exitValue = revgraph.EXIT.decisionNeeded;
}
