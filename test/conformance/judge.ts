import { type Problem, RevgraphError } from '../../lib/errors/error.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph } from '../../lib/graph/graph.js';
import { historyRange } from '../../lib/graph/history.js';
import { BASE, lookup, lookupOne, type Position } from '../../lib/graph/lookup.js';
import { currentHeads, downgradeTargets, rowNumbers, upgradeTargets } from '../../lib/graph/target.js';
import { planDowngrade } from '../../lib/plan/downgrade.js';
import { planRevision } from '../../lib/plan/merge.js';
import type { Plan } from '../../lib/plan/plan.js';
import { readRows } from '../../lib/plan/rows.js';
import { planStamp } from '../../lib/plan/stamp.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { type Family, type Line, toNodes } from './vectors.js';

/** Alembic's kinds that one of our codes stands for, where the name is not the same. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  // Alembic says “unknown revision” or “unknown branch” for one mistake, depending on what follows the @.
  unknown_branch: ['unknown_branch', 'unknown_revision'],
  unknown_revision: ['unknown_branch', 'unknown_revision'],
  // Alembic says “No such branch” before some @, though several start with it.
  ambiguous_prefix: ['ambiguous_prefix', 'unknown_branch'],
  // Alembic looks first whether several begin with it.
  prefix_too_short: ['ambiguous_prefix', 'unknown_branch', 'unknown_revision'],
  unknown_row: ['unknown_revision', 'unknown_branch'],
  // A ring that has a way in and out is only seen by its second check, which counts dependencies too.
  cycle: ['cycle', 'dependency_cycle'],
  dependency_self_loop: ['dependency_self_loop', 'dependency_cycle'],
  missing_revision: ['missing_revision'],
  missing_dependency: ['missing_dependency'],
  illegal_label: ['illegal_revision_id', 'label_conflict'],
  bad_target: ['relative_out_of_range', 'unknown_revision'],
};

const kindsOf = (code: string): readonly string[] => KINDS[code] ?? [code];

/** What one of our calls came to: a value, or a typed error. Anything else thrown is a crash and fails the case. */
export type Outcome<T> = { value: T } | { error: RevgraphError; kinds: readonly string[] };

function attempt<T>(action: () => T): Outcome<T> {
  try {
    return { value: action() };
  } catch (error) {
    if (!(error instanceof RevgraphError)) throw error;
    const kinds = error.is('graph_invalid')
      ? (error.details.problems as readonly Problem[]).flatMap((p) => kindsOf(p.code))
      : kindsOf(error.code);
    return { error, kinds };
  }
}

export interface Verdict {
  ok: boolean;
  why?: string;
  refused?: RevgraphError;
}

const good: Verdict = { ok: true };
const bad = (why: string, refused?: RevgraphError): Verdict =>
  refused === undefined ? { ok: false, why } : { ok: false, why, refused };

const same = (a: Iterable<string> | undefined, b: Iterable<string> | undefined): boolean =>
  JSON.stringify([...(a ?? [])].sort()) === JSON.stringify([...(b ?? [])].sort());

/** A field that is really there: `constructor` is a fine id. */
const own = (record: Record<string, string[]> | undefined, id: string): string[] | undefined =>
  record !== undefined && Object.hasOwn(record, id) ? record[id] : undefined;

/** The graph of a line, or null where it is refused. */
export function graphOf(line: Line): Graph | null {
  const built = attempt(() => buildGraph(toNodes(line.graph ?? [])));
  return 'value' in built ? built.value : null;
}

/** Judges a line that must agree with Alembic. */
export function judgeBinding(family: Family, line: Line, graph: Graph | null): Verdict {
  if (family === 'graphs') return judgeGraph(line);
  if (graph === null) return bad('its graph is refused');
  const outcome = attempt(() => answer(family, line, graph));
  const { expect } = line;
  // Where the answer hangs on the order of rows, refusing the ambiguity agrees as well (README of the vectors).
  if (line.flags?.includes('row_order') && 'error' in outcome && outcome.error.is('ambiguous_walk'))
    return good;
  if (expect.error !== undefined) {
    if ('value' in outcome) return bad(`expected ${expect.error}, got ${JSON.stringify(outcome.value)}`);
    return outcome.kinds.includes(expect.error)
      ? good
      : bad(`expected ${expect.error}, got ${outcome.error.code}`, outcome.error);
  }
  if (!('value' in outcome)) return bad(`refused: ${outcome.error.message}`, outcome.error);
  return outcome.value.agrees(line) ? good : bad(`got ${JSON.stringify(outcome.value)}`);
}

/** Judges a line where Alembic is no model: `shouldBe`/`saneAfter` if given, else a typed error or a sane result. */
export function judgeFree(family: Family, line: Line, graph: Graph | null): Verdict {
  const { expect } = line;
  if (family === 'graphs') {
    const built = attempt(() => buildGraph(toNodes(line.graph ?? [])));
    const wanted = expect.shouldBe?.error;
    if (wanted === undefined || ('kinds' in built && built.kinds.includes(wanted))) return good;
    return bad(`should be ${wanted}`);
  }
  if (graph === null) return good;
  const outcome = attempt(() => answer(family, line, graph));
  if ('error' in outcome) return good;
  if (expect.saneAfter !== undefined && !same(outcome.value.after, expect.saneAfter))
    return bad(`rows ${JSON.stringify(outcome.value.after)}, sane are ${JSON.stringify(expect.saneAfter)}`);
  return outcome.value.sane ? good : bad(`not a sane result: ${JSON.stringify(outcome.value)}`);
}

function judgeGraph(line: Line): Verdict {
  const { expect } = line;
  const built = attempt(() => buildGraph(toNodes(line.graph ?? [])));
  if (expect.error !== undefined)
    return 'kinds' in built && built.kinds.includes(expect.error)
      ? good
      : bad(`expected ${expect.error}, got ${'kinds' in built ? built.kinds.join() : 'a graph'}`);
  if ('error' in built) return bad(`refused: ${built.error.message}`, built.error);
  const graph = built.value;
  const wrong = Object.entries({
    heads: same(graph.heads, expect.heads),
    realHeads: same(graph.effectiveHeads, expect.realHeads),
    bases: same(graph.bases, expect.bases),
    realBases: same(graph.effectiveBases, expect.realBases),
    branchPoints: same(graph.branchPoints, expect.branchPoints),
    mergePoints: same(graph.mergePoints, expect.mergePoints),
    branchLabels: graph.ids.every((id, n) => same(graph.labelsOf(n), own(expect.branchLabels, id))),
    resolvedDependsOn: graph.ids.every((id) =>
      same(graph.get(id)?.dependsOn, own(expect.resolvedDependsOn, id)),
    ),
    order: graph.ids.every((_, n) => (graph.parents[n] ?? []).every((parent) => parent < n)),
  }).flatMap(([name, ok]) => (ok ? [] : [name]));
  return wrong.length === 0 ? good : bad(wrong.join());
}

/** An answer that can be held against a line. `sane` = consistent in itself, whatever Alembic says. */
interface Answer {
  after?: readonly string[];
  sane: boolean;
  agrees(line: Line): boolean;
}

function answer(family: Exclude<Family, 'graphs'>, line: Line, graph: Graph): Answer {
  const rows = line.rows ?? [];
  switch (family) {
    case 'resolve':
      return resolve(line, graph, rows);
    case 'upgrade':
      return plan(planUpgrade(graph, rows, line.target ?? 'base'), graph, rows);
    case 'downgrade':
      return plan(planDowngrade(graph, rows, (line.target ?? 'base') as string), graph, rows);
    case 'stamp': {
      const { to } = planStamp(graph, rows, line.targets ?? []);
      readRows(graph, rows);
      return { after: to, sane: true, agrees: ({ expect }) => same(to, expect.after) };
    }
    case 'merge': {
      const targets = line.op === 'merge' ? (line.revisions ?? []) : [line.head ?? 'head'].flat();
      const options = { splice: line.splice ?? false, dependsOn: line.dependsOn ?? [] };
      const made = planRevision(graph, targets, options);
      return {
        sane: true,
        agrees: ({ expect }) => same(made.revises, expect.down) && same(made.dependsOn, expect.dependsOn),
      };
    }
  }
}

function plan({ steps, to }: Plan, graph: Graph, rows: readonly string[]): Answer {
  const ids = steps.map((step) => step.revision);
  const place = new Map(ids.map((id, i) => [id, i]));
  const up = steps[0]?.direction !== 'downgrade';
  const ordered = ids.every((id, i) =>
    (graph.parents[graph.numberOf(id) as number] ?? []).every((parent) => {
      const at = place.get(graph.idOf(parent));
      return at === undefined || (up ? at < i : at > i);
    }),
  );
  const live = new Set(rows);
  for (const step of steps) {
    for (const row of step.remove) live.delete(row);
    for (const row of step.add) live.add(row);
  }
  const sane = ordered && same(live, to) && (steps.length === 0 || isMaximal(graph, to));
  return { after: to, sane, agrees: ({ expect }) => sane && same(ids, expect.set) && same(to, expect.after) };
}

function isMaximal(graph: Graph, rows: readonly string[]): boolean {
  return rows.every((row) => !graph.ancestors(row).some((ancestor) => rows.includes(ancestor)));
}

function resolve(line: Line, graph: Graph, rows: readonly string[]): Answer {
  const symbol = line.symbol ?? '';
  const names = (found: readonly Position[]): string[] => graph.idsOf(found.filter((n) => n !== BASE));
  const ids = (found: readonly string[]): Answer => ({
    sane: true,
    agrees: ({ expect }) => same(found, expect.ids),
  });
  switch (line.mode) {
    case 'lookup':
      return ids(names(lookup(graph, symbol)));
    case 'single':
      return ids(names([lookupOne(graph, symbol)]));
    case 'showCurrent':
      return ids(names(rowNumbers(graph, rows)));
    case 'current':
      return ids(currentHeads(graph, rowNumbers(graph, rows)));
    case 'upgradeTarget':
      return ids(names(upgradeTargets(graph, rows, symbol)));
    case 'downgradeTarget':
      return ids(names([downgradeTargets(graph, rows, symbol)[0]?.to ?? BASE]));
    case 'history': {
      const found = historyRange(graph, symbol, rows);
      return { sane: true, agrees: ({ expect }) => same(found, expect.set) && newestFirst(graph, found) };
    }
    default:
      throw new Error(`unknown mode ${line.mode}`);
  }
}

/** No revision before one of its descendants. */
function newestFirst(graph: Graph, ids: readonly string[]): boolean {
  const seen = new Set<string>();
  return ids.every((id) => {
    const above = graph.parents[graph.numberOf(id) as number] ?? [];
    seen.add(id);
    return !above.some((parent) => seen.has(graph.idOf(parent)));
  });
}
