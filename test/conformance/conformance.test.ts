import { describe, expect, test } from 'vitest';
import { DEVIATIONS, type Deviation } from './deviations.js';
import { graphOf, judgeBinding, judgeFree, type Verdict } from './judge.js';
import { FAMILIES, type Family, isBinding, type Line, lineId, quirkIds, readLines } from './vectors.js';

/*
 * What Alembic answers, case by case (fixtures/vectors; REVGRAPH_VECTORS names another directory).
 * A binding line that disagrees must fall under a deviation, which is a rule, and no rule may cover more than 1 %.
 */

const quirks = quirkIds();
const graphLines = new Map(readLines('graphs').map((line) => [line.graphId, line]));
const graphs = new Map([...graphLines].map(([id, line]) => [id, graphOf(line)]));
const covered = new Map<Deviation, number>();
let total = 0;

function judge(family: Family, line: Line): Verdict {
  const graph = graphs.get(line.graphId) ?? null;
  try {
    return isBinding(line, quirks) ? judgeBinding(family, line, graph) : judgeFree(family, line, graph);
  } catch (error) {
    return { ok: false, why: `crash: ${(error as Error).stack}` };
  }
}

function deviation(line: Line): Deviation | undefined {
  const nodes = graphLines.get(line.graphId)?.graph ?? [];
  return DEVIATIONS.find((rule) => rule.applies(line, nodes, graphs.get(line.graphId) ?? null));
}

describe('conformance with Alembic', () => {
  test.each(FAMILIES)('%s', (family) => {
    const failed: string[] = [];
    let passed = 0;
    for (const line of readLines(family)) {
      total++;
      const verdict = judge(family, line);
      const rule = verdict.ok || verdict.why?.startsWith('crash') ? undefined : deviation(line);
      if (rule !== undefined) covered.set(rule, (covered.get(rule) ?? 0) + 1);
      if (verdict.ok || rule !== undefined) passed++;
      else failed.push(`${lineId(line)}: ${verdict.why}`);
    }
    process.stdout.write(
      `${family}: ${passed} passed, ${failed.length} failed\n${failed.map((f) => `  ${f}\n`).join('')}`,
    );
    expect(failed).toEqual([]);
  });

  test('a deviation covers at most 1 % of the lines, and each one is met', () => {
    for (const rule of DEVIATIONS)
      process.stdout.write(`deviation, ${covered.get(rule) ?? 0} lines: ${rule.name}\n`);
    const widest = Math.max(...DEVIATIONS.map((rule) => covered.get(rule) ?? 0));
    expect(widest).toBeLessThanOrEqual(total / 100);
    if (process.env.REVGRAPH_VECTORS === undefined)
      expect(
        DEVIATIONS.filter((rule) => !covered.has(rule) && rule.example === undefined).map(
          (rule) => rule.name,
        ),
      ).toEqual([]);
  });

  test.each(
    DEVIATIONS.flatMap(({ name, example, applies }) =>
      example === undefined ? [] : [{ name, example, applies }],
    ),
  )('the example of a deviation is one: $name', ({ example, applies }) => {
    const line: Line = { ...example.line, graphId: 'example', origin: 'hand', graph: example.nodes };
    const graph = graphOf(line);
    expect(judgeBinding(example.family, line, graph).ok).toBe(false);
    expect(applies(line, example.nodes, graph)).toBe(true);
  });
});
