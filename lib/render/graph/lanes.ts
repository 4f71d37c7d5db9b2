/** What a drawing of lanes needs to know of a revision. */
export interface LaneNode {
  readonly id: string;
  /** Those that come later in the list. */
  readonly parents: readonly string[];
}

/** A revision with the lanes around it, as text of one column per sign. */
export interface LaneRow {
  readonly id: string;
  /** The line that has the revision; its own sign is still that of a lane. */
  readonly line: string;
  /** Where its sign stands. */
  readonly at: number;
  /** What leads from it to its parents, below that line; none where it goes straight on. */
  readonly edges: readonly string[];
}

/** What leads to each lane, from the left; null where one has ended. */
type Lanes = (string | null)[];

/**
 * Draws a graph as lanes, in the manner of `git log --graph`: a lane per line of revisions, two columns wide. A lane belongs to the
 * revision that it leads to, so that no two lead to the same one. Where a revision has several parents, edges leave it sideways to
 * their lanes, `|-|-\` or `+-|-/`, and pass behind those in between. Where a lane ends, those to its right move up.
 *
 * @param nodes children before their parents
 * @returns a row per node, in that order; time is linear in the nodes, times the lanes at once
 */
export function laneRows(nodes: readonly LaneNode[]): LaneRow[] {
  const drawn = new Set(nodes.map(({ id }) => id));
  const lanes: Lanes = [];
  return nodes.map(({ id, parents }, n) => {
    const column = laneOf(lanes, id);
    const line = lanes.map(() => '|').join(' ');
    const below = parents.filter((parent) => drawn.has(parent));
    const [first] = below;
    const elsewhere = first === undefined ? -1 : lanes.indexOf(first);
    // Straight on; a lane to the right that leads there as well joins this one, once the other edges have left it.
    const joins = elsewhere > column ? elsewhere : null;
    const isStraight = first !== undefined && (elsewhere < 0 || joins !== null);
    lanes[column] = isStraight ? first : null;
    const before = [...lanes];
    const targets = below.slice(isStraight ? 1 : 0).map((parent) => laneOf(lanes, parent));
    const sideways = edgeLines({ before, after: [...lanes], column }, targets);
    if (joins !== null) lanes[joins] = null;
    const closed =
      joins === null
        ? closeGap(lanes, sideways)
        : [
            ...sideways,
            ...closeGap(lanes, [edgeLine({ before: lanes, after: lanes, column: joins }, [column], false)]),
          ];
    const next = nodes[n + 1];
    // A new line in the place of one that ended would look as if it went on.
    const looksJoined =
      closed.length === 0 && lanes.length === column && next !== undefined && !lanes.includes(next.id);
    return { id, line, at: 2 * column, edges: looksJoined ? [lanes.map(() => '|').join(' ')] : closed };
  });
}

/** The lane that leads to a revision; a new one is the last. */
function laneOf(lanes: Lanes, id: string): number {
  const known = lanes.indexOf(id);
  return known >= 0 ? known : lanes.push(id) - 1;
}

/** Moves the lanes to the right of one that ended, on the last line of edges where nothing crosses them there. */
function closeGap(lanes: Lanes, edges: readonly string[]): string[] {
  const gap = lanes.indexOf(null);
  if (gap < 0) return [...edges];
  const count = lanes.length;
  lanes.splice(gap, 1);
  if (gap === count - 1) return [...edges];
  const last = edges.at(-1)?.padEnd(2 * count);
  const isFree = last !== undefined && !/[-\\]/.test(last.slice(2 * gap));
  const signs = [
    ...(isFree ? last : Array.from({ length: count }, (_, n) => (n === gap ? '  ' : '| ')).join('')),
  ];
  for (let lane = gap + 1; lane < count; lane++) {
    signs[2 * lane] = ' ';
    signs[2 * lane - 1] = '/';
  }
  return [...(isFree ? edges.slice(0, -1) : edges), signs.join('').trimEnd()];
}

interface Crossing {
  readonly before: Lanes;
  readonly after: Lanes;
  readonly column: number;
}

/** Edges to the right on one line, and those to the left on another: on one they could not be told apart. */
function edgeLines(crossing: Crossing, targets: readonly number[]): string[] {
  const right = targets.filter((target) => target > crossing.column);
  const left = targets.filter((target) => target < crossing.column);
  return [
    ...(right.length === 0 ? [] : [edgeLine(crossing, right, left.length > 0)]),
    ...(left.length === 0 ? [] : [edgeLine({ ...crossing, before: crossing.after }, left, false)]),
  ];
}

/** @param goesOn whether another line of edges leaves the same revision below this one */
function edgeLine({ before, after, column }: Crossing, targets: readonly number[], goesOn: boolean): string {
  const width = 2 * Math.max(before.length, after.length, column + 1);
  const isLane = (n: number): boolean => (before[n] ?? null) !== null || (goesOn && n === column);
  const signs: string[] = Array.from({ length: width }, (_, n) => (n % 2 === 0 && isLane(n / 2) ? '|' : ' '));
  for (const target of targets)
    for (let n = 2 * Math.min(column, target) + 1; n < 2 * Math.max(column, target); n++)
      if (signs[n] === ' ') signs[n] = '-';
  // The slanted ends last: they are what tells an edge from one that passes behind.
  const isFar = targets.some((target) => target < column - 1);
  for (const target of targets) {
    if (target > column) signs[2 * target - 1] = '\\';
    else signs[2 * column - 1] = '/';
    // Which of the lanes that it passes to the left it leads to.
    if (isFar) signs[2 * target] = '+';
  }
  return signs.join('').trimEnd();
}
