import type { LedgerRecord } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { standingOn } from './recorded.js';

/**
 * What counts as applied, and stood on a revision that was taken back since by code that lacks it, and ran again: whether what it did is
 * there, the ledger does not say. Code that has it takes it back along. A squash is shaken where one of its parts is.
 */
export function shakenIn(graph: Graph, record: LedgerRecord, recorded: ReadonlySet<string>): Set<string> {
  const { said, decided, back } = wordsOn(record, recorded);
  for (const id of back.keys()) if (!recorded.has(id)) back.delete(id);
  if (back.size === 0) return new Set();
  const stands = standingHere(graph, record);
  const latest = latestBelow(graph, back);
  /** @param today what is below it by the graph, itself included: what it does not stand on any more does not count */
  const isShaken = (id: string, ran: number, today: ReadonlySet<string>): boolean => {
    const below = new Set(stands(id));
    for (const one of below) {
      const isThere = one !== id && today.has(graph.today(one) ?? '');
      if (isThere && (back.get(one) ?? -1) > ran) return true;
      for (const parent of stands(one)) below.add(parent);
    }
    return false;
  };
  return new Set(
    graph.ids.filter((id, n) => {
      if (!recorded.has(id) || (latest[n] as number) < 0) return false;
      const whole = decided.get(id) ?? -1;
      const ran = (graph.squashes.get(id) ?? [id]).flatMap((one) => {
        const at = Math.max(whole, said.get(one) ?? -1);
        return at < 0 || at >= (latest[n] as number) || !recorded.has(one) ? [] : [[one, at] as const];
      });
      if (ran.length === 0) return false;
      const today = new Set([...graph.ancestors(id), id]);
      return ran.some(([one, at]) => isShaken(one, at, today));
    }),
  );
}

/** When each revision was last said to be there, by itself (`decided`) or with others, and last taken back, as places in the record. */
function wordsOn(
  record: LedgerRecord,
  recorded: ReadonlySet<string>,
): Record<'said' | 'decided' | 'back', Map<string, number>> {
  const decided = new Map<string, number>();
  const said = new Map<string, number>();
  const back = new Map<string, number>();
  for (const [at, { revision, direction, covers, says, inferred }] of record.entries()) {
    if (inferred === true) continue;
    if (direction === 'downgrade') back.set(revision, at);
    else if (direction === 'upgrade' || says === 'one') said.set(revision, at);
    if (says === 'one') decided.set(revision, at);
    // What only carries on is no word on what was known before.
    if (direction === 'stamp')
      for (const id of covers ?? recorded) if (says === undefined || !said.has(id)) said.set(id, at);
  }
  return { said, decided, back };
}

/**
 * What a revision stood on when it ran, of what is below it today. What ran as a part of a squash has no parents of its own in the
 * record: those of the graph are meant, or, where only the squash has a file, the parts that are named before it.
 */
function standingHere(graph: Graph, record: LedgerRecord): (id: string) => readonly string[] {
  const standing = standingOn(record);
  const joined = new Set(record.flatMap((event) => (event.joined === true ? [event.revision] : [])));
  const before = new Map<string, readonly string[]>();
  for (const replaces of graph.squashes.values())
    for (const [i, part] of replaces.entries()) before.set(part, replaces.slice(0, i));
  return (id) => {
    const then = standing.get(id) ?? [];
    if (!joined.has(id)) return then;
    return [...then, ...(before.get(id) ?? graph.parentsOf(id))];
  };
}

/** When anything below each revision, or a part of it, was last taken back, parents first. */
function latestBelow(graph: Graph, back: ReadonlyMap<string, number>): Float64Array {
  const own = new Float64Array(graph.size).fill(-1);
  const of = (id: string): number =>
    Math.max(-1, ...[id, ...(graph.squashes.get(id) ?? [])].map((one) => back.get(one) ?? -1));
  const latest = new Float64Array(graph.size).fill(-1);
  for (const [n, parents] of graph.parents.entries()) {
    own[n] = of(graph.idOf(n));
    const inside = graph.squashes.has(graph.idOf(n)) ? (own[n] as number) : -1;
    latest[n] = parents.reduce(
      (most, parent) => Math.max(most, latest[parent] as number, own[parent] as number),
      inside,
    );
  }
  return latest;
}
