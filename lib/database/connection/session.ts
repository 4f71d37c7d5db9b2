/** What a statement answers, as `pg` gives it. */
export interface Result {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number | null;
  /** `COMMIT`, `ROLLBACK`, `SELECT` … */
  readonly command?: string;
  readonly fields?: readonly { readonly name: string }[];
}

/** The one database interface: what we use of a `pg` client. PGlite's and pg-mem's adapters have it too. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<Result>;
}

/** Sends pieces of the text format of COPY, as the server takes them. @returns the number of rows */
export type SendCopy = (sql: string, pieces: AsyncIterable<Uint8Array>) => Promise<number>;

/** Sends statements as one message. It does not reject: what failed, and which of them, is in the answer. */
export type SendAll = (texts: readonly string[]) => Promise<Sent>;

/**
 * Sends a statement, and others behind it as a message of their own, without waiting for the answer to the first.
 * @param onFirst told with its command tag, before anything of the others is heard; an error of the first rejects
 * @returns what the others came to; they have been run even where the first failed
 */
export type SendBehind = (
  first: string,
  texts: readonly string[],
  onFirst: (command: string) => void,
) => { readonly first: Promise<void>; readonly others: Promise<Sent> };

/** What statements answered, in their order; or the first that failed, and none of the answers. */
export interface Sent {
  readonly results: readonly Result[];
  /** `began`: whether any of them ran; what can't be parsed runs none. */
  readonly failure: { readonly at: number; readonly began: boolean; readonly error: unknown } | null;
}

/** An open connection, and how to let go of it. */
export interface Session extends Queryable {
  /** `given`: the caller's own client, used and left as it was. */
  readonly kind: 'server' | 'embedded' | 'given';
  /** For people: where this is, without a password. */
  readonly label: string;
  /** The number of the backend that whoever answers says it is: a pooler says another than the server. */
  readonly processId?: number | undefined;
  /** Connections of our own to a server: another one to the same place, for a look from outside. */
  readonly beside?: (<T>(action: (other: Queryable) => Promise<T>) => Promise<T>) | undefined;
  /** Server notices (RAISE NOTICE), one at a time. */
  onNotice(listener: (message: string) => void): void;
  /** COPY … FROM STDIN, where the connection can. */
  readonly sendCopy?: SendCopy | undefined;
  /** Connections of our own: many statements with one round trip. */
  readonly sendAll?: SendAll | undefined;
  /** Of a server only: the embedded database does one thing at a time, and says nothing until it is done. */
  readonly sendBehind?: SendBehind | undefined;
  /** Embedded only: makes sure these extensions can be created, by opening anew with them. */
  provideExtensions?(names: readonly string[]): Promise<void>;
  /** Lent connections only: what was there before a statement set it. */
  readonly custom?: ReadonlyMap<string, string | null> | undefined;
  /** Ends what was opened; hands back what was borrowed. */
  close(): Promise<void>;
}

/** A `pg.Pool` or one like it. */
export interface PoolLike {
  connect(): Promise<Queryable & { release(destroy?: boolean | Error): void }>;
}

/** A PGlite instance of the caller's. */
export interface PGliteLike {
  readonly waitReady: Promise<void>;
  execProtocolRaw(message: Uint8Array): unknown;
}

/**
 * Where the database is: a URL (`postgresql://…`, `pglite:DIRECTORY`, `pglite:memory`), a pool, a connected client, or a
 * PGlite instance. There is no default.
 */
export type DatabaseSource = string | PoolLike | Queryable | PGliteLike;

export interface ConnectOptions {
  /** Shown in `pg_stat_activity` and to whoever waits for the lock. Default `revgraph`. */
  readonly applicationName?: string;
  /** Role as which everything is done. Default: that of the connection. */
  readonly role?: string;
  /** How long to wait for a server to answer, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long to try again while no server is there yet, in ms. Default 0. */
  readonly connectRetryMs?: number;
  /** How long to wait for an answer that may never come, in ms; 0 waits forever. Default 30,000. */
  readonly silenceTimeoutMs?: number;
  /** Told once, when that begins, and why. */
  readonly onDown?: (reason: string) => void;
  /** Embedded: extensions that may be created, by their SQL names. */
  readonly extensions?: readonly string[];
  /** Embedded: how long to wait for another process that has the directory open, in ms. Default 60,000. */
  readonly busyWaitMs?: number;
  /** Embedded: told once, when waiting begins. */
  readonly onBusy?: (holder: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a statement that is not ours: of a revision, a check, a script. Ours are spelled in the rooms of `database/`. */
export function runStatement(client: Queryable, sql: string, values?: readonly unknown[]): Promise<Result> {
  return client.query(sql, values === undefined ? undefined : [...values]);
}

/** The same with a wish for the shape of the rows, as `pg` has it. */
export function runShaped(
  client: Queryable,
  { text, values, ...shape }: { readonly text: string; readonly values?: readonly unknown[] | undefined },
): Promise<Result> {
  const config = { text, ...(values === undefined ? {} : { values: [...values] }), ...shape };
  // A driver's `query` takes both; what we ask ourselves is text.
  return client.query(config as unknown as string);
}
