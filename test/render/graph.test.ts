import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadProject, type Picture, picture } from '../../lib/index.js';
import { dotText } from '../../lib/render/graph/dot.js';
import { mermaidText } from '../../lib/render/graph/mermaid.js';
import { svgText } from '../../lib/render/graph/svg.js';
import { type DrawnNode, graphLines, legendOf } from '../../lib/render/graph/text.js';
import { defineRevision } from '../../lib/revision/define.js';

/** A graph of a public project, without a database. */
function publicGraph(name: string): DrawnNode[] {
  const { revisions } = JSON.parse(readFileSync(`fixtures/graphs/${name}.json`, 'utf8')) as {
    revisions: { id: string; down?: string[]; dependsOn?: string[]; labels?: string[] }[];
  };
  const project = revisions.map(({ id, down = [], dependsOn = [], labels = [] }) =>
    defineRevision({ revision: id, revises: down, dependsOn, labels, upgrade: 'SELECT 1' }),
  );
  return project.map(({ revision, revises, dependsOn, labels }) => ({
    revision,
    revises,
    dependsOn,
    labels,
    message: '',
    releases: [],
    isHead: false,
    state: null,
    isCurrent: false,
    isPlanned: false,
  }));
}

const reference = (): Promise<Picture> =>
  loadProject('revisions').then((revisions) =>
    picture({
      revisions,
      releases: { '1.0.6': '20251011_baseline_v106', '1.0.28': 'c64001afbd46' },
      target: 'v1.0.28',
    }),
  );

describe('as text', () => {
  test('the reference graph, in 80 columns', async () => {
    const lines = graphLines((await reference()).nodes);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    await expect(lines.join('\n')).toMatchFileSnapshot('graphs/reference.txt');
  });

  test.each(['inveniosoftware__ALL', 'apache__superset@2021-05', 'openstack__neutron'])(
    '%s',
    async (name) => {
      const nodes = publicGraph(name);
      const lines = graphLines(nodes);
      expect(lines.every((line) => line.length <= 80)).toBe(true);
      for (const { revision } of nodes)
        expect(lines.filter((line) => line.split(' ').includes(revision))).toHaveLength(1);
      await expect(lines.join('\n')).toMatchFileSnapshot(`graphs/${name}.txt`);
    },
  );

  test('the state of a revision is told without colours', () => {
    const one = (revision: string, state: string, more: Partial<DrawnNode> = {}): DrawnNode => ({
      revision,
      message: 'm',
      labels: [],
      releases: [],
      revises: [],
      dependsOn: [],
      isHead: false,
      isCurrent: false,
      isPlanned: false,
      ...more,
      state,
    });
    const nodes = [
      one('a', 'applied'),
      one('b', 'missed', { revises: ['a'] }),
      one('c', 'edited', { revises: ['b'], isCurrent: true, labels: ['shop'] }),
      one('d', 'pending', { revises: ['c'], isHead: true, isPlanned: true, releases: ['1.2.0'] }),
    ];
    expect(graphLines(nodes)).toEqual([
      'o  d (v1.2.0) (head) (planned)  m',
      '~  c (shop) (current) (edited)  m',
      '!  b (missed)  m',
      '*  a m',
    ]);
    expect(legendOf(nodes)).toBe('* applied  o pending  ! missed  ~ edited');
  });

  test('a graph of more lanes than there are columns is cut, and each revision is told', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({
      ...publicGraph('openstack__keystone')[0],
      revision: `r${n}`,
      revises: ['r'],
    })) as DrawnNode[];
    const lines = graphLines([{ ...(many[0] as DrawnNode), revision: 'r', revises: [] }, ...many]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => / r\d+$/.test(line))).toHaveLength(60);
  });
});

describe('in other languages', () => {
  const odd: DrawnNode[] = publicGraph('openstack__keystone').map((node, n) => ({
    ...node,
    message: n === 0 ? 'a "quote", <b>, end, #35; \\ and `x`\u0001' : 'end',
    state: n === 0 ? 'applied' : 'pending',
  }));
  const edges = odd.flatMap(({ revision, revises }) =>
    revises.map((from) => ({ from, to: revision, kind: 'revises' as const })),
  );

  test('Mermaid: nothing of a message is read as its language', () => {
    const text = mermaidText(odd, edges);
    const label = /\["(.*)"\]:::applied/.exec(text)?.[1] ?? '';
    expect(label).not.toMatch(/["`\\]/);
    expect(label.replaceAll('<br/>', '')).not.toContain('<');
    expect(text.match(/ --> /g)).toHaveLength(edges.length);
    expect(text).toMatch(/^flowchart TD\n/);
  });

  test('Graphviz', () => {
    const text = dotText(odd, edges);
    expect(text).toContain('a \\"quote\\", <b>, end, #35; \\\\ and `x`');
    expect(text.match(/ -> /g)).toHaveLength(edges.length);
  });

  test('SVG: one group a revision, nothing of a message is markup', async () => {
    const text = svgText(odd, edges);
    expect(text.match(/<g class="node/g)).toHaveLength(odd.length);
    expect(text.match(/<path class="edge/g)).toHaveLength(edges.length);
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('\u0001');
    // Every tag is closed, in order.
    const open: string[] = [];
    for (const [, end, name, empty] of text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g))
      if (end === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name as string);
    expect(open).toEqual([]);
  });

  test('2,000 revisions are laid out in lanes, not in layers', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => ({
      ...(odd[0] as DrawnNode),
      revision: `r${n}`,
      revises:
        n === 0
          ? []
          : n % 7 === 0 && n > 4
            ? [`r${n - 1}`, `r${n - 3}`]
            : [`r${Math.max(0, n - 1 - (n % 3))}`],
    }));
    const text = svgText(
      many,
      many.flatMap(({ revision, revises }) =>
        revises.map((from) => ({ from, to: revision, kind: 'revises' as const })),
      ),
    );
    expect(text.match(/<circle /g)).toHaveLength(2_000);
  });
});
