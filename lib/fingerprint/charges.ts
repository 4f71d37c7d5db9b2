import type { Graph } from '../graph/graph.js';
import type { Catalogue } from './catalogue.js';
import { type Fact, isBody, isComment, type Snapshot, subjectOf } from './fact.js';
import { Shapers } from './shapers.js';
import { noCounts, type Verdict, type VerdictCounts } from './verdict.js';

/** One revision that makes a fact come or go. */
interface Event {
  readonly revision: number;
  readonly comes: boolean;
}

/**
 * The books of a claim: every fact is charged to the last revision of the claimed ones that wrote it. A revision that never
 * ran is struck, and its facts are charged to those that wrote them before.
 *
 * A fact that is as its revision left it speaks for the revision, unless it would be so without it. An object that a later one
 * makes again is charged to that: it shows neither of them. A shape that is gone speaks for the last revision that took one of the
 * object away: with it, it would be gone whoever ran before. What undoes the work of
 * another revision speaks only if that one is shown by something else, and waits until then: what was never made is absent
 * too, and what was never dropped is there.
 * An object that is there in another shape speaks neither for nor against its revision. Comments get lost and are written by
 * hand. Both are counted apart.
 *
 * Cost: linear in the events. Each is charged once, struck once, and ceases to wait once.
 */
export class Charges {
  /** Facts per revision, by how they stand to it. */
  readonly counts: VerdictCounts;
  /** Marks of the revisions that are not struck. */
  readonly standing: Uint8Array;
  readonly #events = new Map<Fact, Event[]>();
  readonly #facts: readonly (readonly Fact[])[];
  /** Objects that a revision would have made if they had not been there. */
  readonly #remade: readonly ReadonlySet<string>[];
  readonly #shapers: Shapers;
  readonly #owned: readonly Set<Fact>[];
  readonly #shown: Uint8Array;
  readonly #observed: Snapshot;
  readonly #shapes: ReadonlyMap<string, Fact>;

  /**
   * @param claimed marks of the revisions that are said to have run
   * @param shapes objects that are there in another shape (see `otherShapes`)
   */
  constructor(
    graph: Graph,
    catalogue: Catalogue,
    claimed: Uint8Array,
    observed: Snapshot,
    shapes: ReadonlyMap<string, Fact>,
  ) {
    this.counts = noCounts(graph.size);
    this.standing = claimed.slice();
    this.#shown = new Uint8Array(graph.size);
    this.#observed = observed;
    this.#shapes = shapes;
    this.#owned = graph.ids.map(() => new Set<Fact>());
    const entries = graph.ids.map((id, n) => (claimed[n] === 1 && catalogue.get(id)) || undefined);
    this.#remade = entries.map((entry) => new Set(entry?.remakes?.map(subjectOf)));
    this.#facts = entries.map((entry, revision) => {
      const { removes = [], adds = [], remakes = [] } = entry ?? {};
      for (const fact of removes) this.#write(fact, { revision, comes: false });
      const made = new Set([...adds, ...remakes]);
      for (const fact of made) this.#write(fact, { revision, comes: true });
      return [...removes, ...made];
    });
    this.#shapers = new Shapers(entries);
    for (const fact of this.#events.keys()) this.#charge(fact);
  }

  #write(fact: Fact, event: Event): void {
    const events = this.#events.get(fact);
    if (events === undefined) this.#events.set(fact, [event]);
    else events.push(event);
  }

  #lastRemover(subject: string): number | undefined {
    return this.#shapers.lastRemover(subject, this.standing);
  }

  /** Charges a fact to the last revision that wrote it and still stands. */
  #charge(fact: Fact): void {
    const events = this.#events.get(fact) as Event[];
    while (events.length > 0 && this.standing[(events.at(-1) as Event).revision] !== 1) events.pop();
    const owner = events.at(-1)?.revision;
    if (owner === undefined) return;
    this.#owned[owner]?.add(fact);
    this.#count(owner, this.verdictOn(fact), 1);
    if ((this.counts.agree[owner] as number) > 0) this.show(owner);
  }

  #count(revision: number, verdict: Verdict, by: 1 | -1): void {
    if (verdict !== 'nothing') (this.counts[verdict][revision] as number) += by;
  }

  /** How a fact stands to the revision that it is charged to. */
  verdictOn(fact: Fact): Verdict {
    const events = this.#events.get(fact) as Event[];
    const { comes, revision } = events.at(-1) as Event;
    const before = this.#before(events);
    const soft = isComment(fact);
    if (!soft && this.#shapes.has(subjectOf(fact))) return comes ? 'changed' : 'nothing';
    const isLast = soft || (this.#lastRemover(subjectOf(fact)) ?? -1) <= revision;
    if (comes !== this.#observed.has(fact)) {
      if (soft) return 'softAgainst';
      return comes && !isLast ? 'nothing' : 'against';
    }
    if (comes === (before?.comes ?? false)) return 'nothing';
    if (soft) return comes ? 'softAgree' : 'nothing';
    if (!comes && !isLast) return 'nothing';
    return before === undefined || this.#shown[before.revision] === 1 ? 'agree' : 'waits';
  }

  #before(events: readonly Event[]): Event | undefined {
    for (let i = events.length - 2; i >= 0; i--)
      if (this.standing[(events[i] as Event).revision] === 1) return events[i];
    return undefined;
  }

  /** Says that revisions have run: what they made and another one took away waits no longer. */
  show(revision: number): void {
    const found = [revision];
    for (let maker = found.pop(); maker !== undefined; maker = found.pop()) {
      if (this.#shown[maker] === 1) continue;
      this.#shown[maker] = 1;
      for (const [fact, owner] of this.#restingOn(maker)) {
        if (this.verdictOn(fact) !== 'agree') continue;
        this.#count(owner, 'waits', -1);
        this.#count(owner, 'agree', 1);
        found.push(owner);
      }
      found.push(...this.#reshapedBy(maker));
    }
  }

  /**
   * Who made the objects that a revision has given another shape, which is there: they must have been there before. A comment
   * or a body is written whether there was one or not, and an object that the revision makes itself need not have been there.
   */
  #reshapedBy(revision: number): number[] {
    const facts = (this.#facts[revision] ?? []).filter(
      (fact) => !isComment(fact) && !isBody(fact) && this.#remade[revision]?.has(subjectOf(fact)) !== true,
    );
    const shapes = new Set(facts.filter((fact) => this.#observed.has(fact)).map(subjectOf));
    return facts.flatMap((fact) => {
      const events = this.#events.get(fact) as Event[];
      const last = events.at(-1);
      if (last?.revision !== revision || last.comes || !shapes.has(subjectOf(fact))) return [];
      return this.#shapers.makerBefore(subjectOf(fact), revision, this.standing) ?? [];
    });
  }

  /** Strikes a revision: it never ran. */
  strike(revision: number): void {
    const resting = [...this.#restingOn(revision)];
    for (const [fact, owner] of resting) this.#count(owner, this.verdictOn(fact), -1);
    const removed = [...new Set((this.#facts[revision] ?? []).map(subjectOf))].filter(
      (subject) => this.#lastRemover(subject) === revision,
    );
    this.standing[revision] = 0;
    for (const [fact, owner] of resting) this.#count(owner, this.verdictOn(fact), 1);
    for (const subject of removed) this.#countGone(subject);
    for (const fact of this.#owned[revision] ?? []) this.#charge(fact);
    this.#owned[revision]?.clear();
    for (const counter of Object.values(this.counts)) counter[revision] = 0;
  }

  /** What is gone of an object speaks now for or against who wrote it last, for nobody took it away after that. */
  #countGone(subject: string): void {
    for (const writer of this.#shapers.lastWriters(subject, this.standing)) {
      for (const fact of this.#facts[writer] ?? [])
        if (subjectOf(fact) === subject && !this.#observed.has(fact) && this.#owned[writer]?.has(fact))
          this.#count(writer, this.verdictOn(fact), 1);
      if ((this.counts.agree[writer] as number) > 0) this.show(writer);
    }
  }

  /** Facts that a revision wrote before another one did, to which they are charged. */
  *#restingOn(revision: number): IterableIterator<[fact: Fact, owner: number]> {
    for (const fact of this.#facts[revision] ?? []) {
      const events = this.#events.get(fact) as Event[];
      const owner = events.at(-1)?.revision;
      if (owner === undefined || owner === revision || !this.#owned[owner]?.has(fact)) continue;
      if (this.#before(events)?.revision === revision) yield [fact, owner];
    }
  }

  isObserved(fact: Fact): boolean {
    return this.#observed.has(fact);
  }

  /** Whether something speaks for a revision: a fact, or a witness that was heard. */
  isShown(revision: number): boolean {
    return this.#shown[revision] === 1;
  }

  /** The facts that are charged to a revision, with how they stand to it. */
  *of(revision: number): IterableIterator<[fact: Fact, verdict: Verdict]> {
    for (const fact of this.#owned[revision] ?? []) yield [fact, this.verdictOn(fact)];
  }

  /**
   * Revisions without evidence of their own that are held to have run all the same: what they undid is undone, and who made
   * it is beyond doubt; or their work was changed by one that has run or is held to have: to run them now would undo that.
   *
   * @param firm marks of the revisions that nothing casts a doubt on
   */
  held(firm: Uint8Array): Set<number> {
    const found = new Set<number>();
    for (let revision = this.standing.length - 1; revision >= 0; revision--) {
      if (this.standing[revision] !== 1 || this.#shown[revision] === 1) continue;
      if ((this.counts.against[revision] as number) > 0) continue;
      if (this.#undid(revision, firm) && !this.findsNothing(revision)) found.add(revision);
      for (const [, owner] of this.#restingOn(revision))
        if (this.#shown[owner] === 1 || found.has(owner)) found.add(revision);
    }
    return found;
  }

  #undid(revision: number, firm: Uint8Array): boolean {
    for (const [fact, verdict] of this.of(revision)) {
      const events = this.#events.get(fact) as Event[];
      // Gone, and so it would be by a later one alone: which of them it was, nobody knows.
      const isGone =
        verdict === 'nothing' && events.at(-1)?.comes === false && !this.#shapes.has(subjectOf(fact));
      const maker = verdict === 'waits' || isGone ? this.#before(events) : undefined;
      if (maker !== undefined && (firm[maker.revision] === 1 || this.#shown[maker.revision] === 1))
        return true;
    }
    return false;
  }

  /** True if a revision takes away what, as far as is known, was never there. */
  findsNothing(revision: number): boolean {
    return (this.#facts[revision] ?? []).some((fact) => {
      const events = (this.#events.get(fact) ?? []).filter((event) => this.standing[event.revision] === 1);
      const at = events.findIndex((event) => event.revision === revision);
      return at !== -1 && events[at]?.comes === false && events[at - 1]?.comes !== true;
    });
  }
}
