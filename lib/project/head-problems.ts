import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';

/** One thing that is wrong. `details` are those of the code. */
export interface CheckProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly files: readonly string[];
}

/**
 * More than one head: names them, their files, where they part, and the line that joins them. Lines that are meant to stay
 * apart have a head each.
 * @param lines labels of such lines
 */
export function headProblems(graph: Graph, lines: readonly string[]): CheckProblem[] {
  const heads = graph.effectiveHeads;
  const labelsOf = (id: string): readonly string[] => graph.labelsOf(graph.numberOf(id) as number);
  const lineOf = (id: string): string | undefined => lines.find((line) => labelsOf(id).includes(line));
  // What is on no line that was named belongs together, and so do several heads of one line.
  const groups = new Map<string | undefined, string[]>();
  for (const id of heads) groups.set(lineOf(id), [...(groups.get(lineOf(id)) ?? []), id]);
  const loose = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const crowded = [...groups.values()].filter((group) => group.length > 1);
  const unnamed = loose.length > 0 && heads.length > 1 ? [loose.length > 1 ? loose : heads] : [];
  // The heads of lines that are meant to stay apart are not to be merged.
  const stray = lines.length > 0 && loose.length === 1 ? loose[0] : undefined;
  return [...crowded, ...unnamed].map((group) => {
    const problem = problemOf(graph, group, labelsOf);
    if (stray === undefined || group !== heads) return problem;
    const hint = `Revise the head of a line with ${stray}, or give it a label of its own and add that to "lines".`;
    return { ...problem, hint };
  });
}

/**
 * Where an upgrade goes that names no target: to the one head, or to all of them where every one is the head of a line that is meant
 * to stay apart.
 */
export function defaultTarget(graph: Graph, lines: readonly string[] = []): 'head' | 'heads' {
  return lines.length > 0 && headProblems(graph, lines).length === 0 ? 'heads' : 'head';
}

function problemOf(
  graph: Graph,
  heads: readonly string[],
  labelsOf: (id: string) => readonly string[],
): CheckProblem {
  const files = heads.map((id) => graph.get(id)?.file ?? id);
  const common = commonAncestor(graph, heads);
  const parted =
    common === null ? '' : `; they branch at ${common} (${graph.get(common)?.file ?? 'no file'})`;
  const own = heads.flatMap((id) =>
    labelsOf(id)
      .filter((label) => !isShared(label, id, heads, labelsOf))
      .slice(0, 1),
  );
  const apart = common === null && own.length === heads.length;
  return {
    code: 'multiple_heads',
    message: `There are ${heads.length} heads: ${heads.map((id, i) => `${id} (${files[i]})`).join(', ')}${parted}`,
    hint: apart
      ? `If these lines are meant to stay apart, write "lines": ${JSON.stringify(own)} into the configuration. To join them, merge their heads.`
      : `revgraph merge ${heads.join(' ')} -m "merge"`,
    files,
  };
}

const isShared = (
  label: string,
  id: string,
  heads: readonly string[],
  labelsOf: (id: string) => readonly string[],
): boolean => heads.some((other) => other !== id && labelsOf(other).includes(label));

/** The latest revision that all of them include, or null. */
function commonAncestor(graph: Graph, ids: readonly string[]): string | null {
  const closures = ids.map((id) => graph.closure([graph.numberOf(id) as number]));
  const shared = marked(closures[0] ?? new Uint8Array()).filter((n) =>
    closures.every((closure) => closure[n] === 1),
  );
  const last = shared.at(-1);
  return last === undefined ? null : graph.idOf(last);
}
