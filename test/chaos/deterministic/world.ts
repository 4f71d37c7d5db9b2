/** What is committed. */
export interface Store {
  readonly tables: Set<string>;
  readonly rows: Set<string>;
  readonly ledger: Record<string, unknown>[];
  /** A row for each time that a revision did its work. */
  readonly witness: string[];
  lease: {
    readonly holder: string;
    readonly elected: string;
    readonly replica: number;
    expires: number;
  } | null;
}

const emptyStore = (): Store => ({
  tables: new Set(),
  rows: new Set(),
  ledger: [],
  witness: [],
  lease: null,
});

/** One connection. What it writes becomes visible to others when it commits. */
export class ModelSession {
  inTransaction = false;
  failed = false;
  gone = false;
  writes: ((store: Store) => void)[] = [];
  heardAt = 0;
  /** Whether its run had the lock when the transaction began, and when the work of the step was done. */
  held = { atBegin: true, behindWork: true };

  constructor(
    readonly number: number,
    readonly replica: number,
  ) {}
}

/** An error as a server sends it. */
export class ModelError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** How long PostgreSQL lets a transaction idle, as every step asks for. */
const IDLE_LIMIT_MS = 30_000;

/**
 * A small PostgreSQL: sessions, transactions with READ COMMITTED, advisory locks, and locks on what is written, which the next writer
 * waits for. What it is asked, `statements.ts` understands.
 */
export class World {
  now = 0;
  store = emptyStore();
  readonly advisory = new Map<string, { session: ModelSession; xact: boolean }>();
  readonly #writing = new Map<string, ModelSession>();
  readonly #sessions: ModelSession[] = [];
  /** Whether what is written to the ledger is swallowed, and the work of which revision. */
  swallowed: { ledger: boolean; work: string | null } = { ledger: false, work: null };

  open(replica: number): ModelSession {
    const session = new ModelSession(this.#sessions.length + 1, replica);
    session.heardAt = this.now;
    this.#sessions.push(session);
    return session;
  }

  /** The state that a session sees: what is committed, and what it has written itself. */
  view({ writes }: ModelSession): Store {
    if (writes.length === 0) return this.store;
    const { tables, rows, ledger, witness, lease } = this.store;
    const seen: Store = {
      tables: new Set(tables),
      rows: new Set(rows),
      ledger: [...ledger],
      witness: [...witness],
      lease: lease && { ...lease },
    };
    for (const write of writes) write(seen);
    return seen;
  }

  /** Who is in the way of a write. */
  inTheWay(session: ModelSession, keys: readonly string[]): ModelSession | null {
    for (const key of keys) {
      const other = this.#writing.get(key);
      if (other !== undefined && other !== session) return other;
    }
    return null;
  }

  hasRowLocks(): boolean {
    return [...this.#writing.keys()].some((key) => key.startsWith('row '));
  }

  write(session: ModelSession, keys: readonly string[], change: (store: Store) => void): void {
    if (!session.inTransaction) {
      change(this.store);
      return;
    }
    for (const key of keys) this.#writing.set(key, session);
    session.writes.push(change);
  }

  /** @returns the tag of the command */
  end(session: ModelSession, how: 'COMMIT' | 'ROLLBACK'): 'COMMIT' | 'ROLLBACK' {
    const commits = how === 'COMMIT' && !session.failed && session.inTransaction;
    if (commits) for (const write of session.writes) write(this.store);
    session.writes = [];
    session.inTransaction = false;
    session.failed = false;
    for (const [key, owner] of this.#writing) if (owner === session) this.#writing.delete(key);
    for (const [key, lock] of this.advisory)
      if (lock.session === session && lock.xact) this.advisory.delete(key);
    return commits || how === 'ROLLBACK' ? how : 'ROLLBACK';
  }

  /** The connection is gone, with its transaction and its locks. */
  close(session: ModelSession): void {
    this.end(session, 'ROLLBACK');
    session.gone = true;
    for (const [key, lock] of this.advisory) if (lock.session === session) this.advisory.delete(key);
  }

  /** Ends what idles in its transaction for too long. */
  endIdle(): void {
    for (const session of this.#sessions)
      if (session.inTransaction && !session.gone && this.now - session.heardAt > IDLE_LIMIT_MS)
        if (!this.holdsInTransaction(session)) this.close(session);
  }

  /** Whether its transaction is there to hold a lock. */
  holdsInTransaction(session: ModelSession): boolean {
    return [...this.advisory.values()].some((lock) => lock.session === session && lock.xact);
  }

  /** Whether a run has its lock, on whichever connection. */
  hasLock(replica: number): boolean {
    const { lease } = this.store;
    if (lease?.replica === replica && lease.expires > this.now) return true;
    return [...this.advisory.values()].some(({ session }) => session.replica === replica);
  }

  /** Locks and leases that somebody has; of a lease, whether it still holds. */
  locksLeft(): number {
    return this.advisory.size + (this.store.lease !== null && this.store.lease.expires > this.now ? 1 : 0);
  }
}
