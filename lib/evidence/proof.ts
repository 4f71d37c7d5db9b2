import { type Relation, readRelations } from '../database/catalog/changed-rows.js';
import { readFactRowsInside } from '../database/catalog/introspect.js';
import type { Session } from '../database/connection/session.js';
import { RevgraphError } from '../errors/error.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import { comparable } from '../fingerprint/comparable.js';
import {
  difference,
  type Fact,
  isComment,
  type Snapshot,
  subjectOf,
  toSnapshot,
} from '../fingerprint/fact.js';
import { foreseen } from '../fingerprint/foresee.js';
import type { StepProof } from '../run/run.js';
import type { UnseenEffect } from '../sql/effects/unseen.js';
import { type LaterWork, type Rewrite, rewriteText } from './rewrites.js';

/** What a repair is held against. */
export interface Foreseen {
  readonly catalogue: Catalogue;
  /** The facts before the first step. */
  readonly observed: Snapshot;
  /** The name of the version table, which is no fact. */
  readonly versionTable: string;
}

/**
 * A repair proves itself: in the transaction of each step, the facts must have become what the catalogue foresees, and rows that
 * later revisions wrote or read must be as they were.
 */
export class Proof implements StepProof {
  readonly #foreseen: Foreseen | null;
  readonly #later: LaterWork;
  readonly #decided: ReadonlySet<string>;
  #facts: Snapshot;
  #relations: ReadonlyMap<string, Relation> | null = null;
  /** What is so once the step is committed. */
  #next: Snapshot | null = null;

  /**
   * @param foreseen null where there is no catalogue
   * @param decided revisions that the user has run by name, whatever rows they write
   */
  constructor(foreseen: Foreseen | null, later: LaterWork, decided: ReadonlySet<string>) {
    this.#foreseen = foreseen;
    this.#later = later;
    this.#decided = decided;
    this.#facts = foreseen?.observed ?? new Set();
  }

  /** To be called when a step is committed: what its end found is what the next one begins with. */
  committed(): void {
    this.#facts = this.#next ?? this.#facts;
  }

  async begin(session: Session): Promise<void> {
    this.#relations = await readRelations(session);
  }

  /** @throws `repair_unforeseen` */
  async end(revision: string, session: Session): Promise<null> {
    const { missing, unexpected } = await this.#factsOff(revision, session);
    const rewrites = this.#decided.has(revision) ? [] : await this.#rowsOff(revision, session);
    this.#relations = null;
    if (missing.length + unexpected.length + rewrites.length === 0) return null;
    throw new RevgraphError('repair_unforeseen', {
      revision,
      missing,
      unexpected,
      rewrites: rewrites.map(rewriteText),
    });
  }

  async #factsOff(
    revision: string,
    session: Session,
  ): Promise<{ missing: readonly Fact[]; unexpected: readonly Fact[] }> {
    if (this.#foreseen === null) return { missing: [], unexpected: [] };
    const { catalogue, versionTable } = this.#foreseen;
    const found = comparable(catalogue, toSnapshot(await readFactRowsInside(session, versionTable)));
    this.#next = found;
    const shared = new Set(catalogue.get(revision)?.shared);
    const counts = (fact: Fact): boolean => !isComment(fact) && !shared.has(subjectOf(fact));
    const { missing, unexpected } = difference(foreseen(this.#facts, catalogue, [revision]), found);
    return { missing: missing.filter(counts), unexpected: unexpected.filter(counts) };
  }

  /** What was written beside what the text of the revision says: by triggers, by functions, by SQL that code puts together. */
  async #rowsOff(revision: string, session: Session): Promise<readonly Rewrite[]> {
    const before = this.#relations;
    if (before === null) return [];
    const writes: UnseenEffect[] = [];
    for (const is of (await readRelations(session)).values()) {
      const was = before.get(is.name);
      if (was === undefined || is.writes === null || is.writes === was.writes || OURS.test(is.name)) continue;
      const adds = is.writes - (was.writes ?? 0) === is.inserts - was.inserts;
      const [schema = '', ...rest] = is.name.split('.');
      writes.push({ on: 'rows', schema, name: rest.join('.'), adds });
    }
    return this.#later.rewrites(revision, { writes, reads: [] });
  }
}

const OURS = /\.revgraph_\w+$/;
