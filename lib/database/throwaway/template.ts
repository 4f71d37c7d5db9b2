import type { DatabaseSource } from '../connection/session.js';
/** A database that is gone when it is dropped. */
export interface ThrowAway {
  /** What `upgrade` and its kin take: a URL, or a PGlite instance. */
  readonly database: DatabaseSource;
  /** Runs a script of SQL, as one call; leaves no setting behind. */
  run(script: string): Promise<void>;
  drop(): Promise<void>;
  /** Embedded only: all that it holds now, piece by piece, some 40 MB. It goes on. Not inside a transaction. */
  dump?(): Promise<AsyncIterable<Uint8Array>>;
}

/** What a database held when it was kept; made into as many databases as wanted. */
export interface Template {
  copy(): Promise<ThrowAway>;
}

/**
 * A place for databases that are made, used and dropped. Only what was made here is ever dropped here. Another place has to
 * pass `test/testing/throwaway.test.ts`.
 */
export interface ThrowAways {
  readonly kind: 'server' | 'embedded';
  /** For people, without a password. */
  readonly label: string;
  /** An empty database. */
  fresh(): Promise<ThrowAway>;
  /** Takes a database that nobody is connected to as a template; it is not to be used by itself any more. */
  keep(database: ThrowAway): Promise<Template>;
  /**
   * A template that whoever uses the same key finds again, in other processes too: on a server for a day, of PGlite in a file
   * beside it. One process makes it, others wait.
   * @param fill brings an empty database to what the template holds
   */
  shared(key: string, fill: (database: ThrowAway) => Promise<void>): Promise<Template>;
  /** Embedded only: a database that holds what was dumped, by the same version of PGlite. */
  load?(dump: Uint8Array): Promise<ThrowAway>;
  /** Drops what is left. */
  close(): Promise<void>;
}

export interface ThrowAwayOptions {
  /** URL of a server whose role may create databases; default: PGlite in memory. */
  readonly on?: string | undefined;
  /** Extensions that may be created, by their SQL names. A server has its own. */
  readonly extensions?: readonly string[] | undefined;
  readonly connectTimeoutMs?: number | undefined;
}
