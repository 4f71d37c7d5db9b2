import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { RevgraphError } from '../../errors/error.js';
import { defaultsOf } from '../../options/option.js';
import { DATABASE } from '../../options/table.js';
import { cut, farewell, isWorking, messageOf, processIdOf } from '../wire/client.js';
import { SilenceWatch } from '../wire/silence.js';
import { keepCause, readDriverError } from './failure.js';
import type { ConnectOptions, Result, SendAll, SendBehind, SendCopy, Sent, Session } from './session.js';
import { connectTo, connectToOne } from './url.js';

const { silenceTimeoutMs: SILENCE_MS } = defaultsOf(DATABASE);

/** How long a look from outside may take to connect, and each question of it. */
const BESIDE_MS = 2_000;

/** A session over a connection of our own. */
export async function openServer(address: string, label: string, options: ConnectOptions): Promise<Session> {
  const { client, url } = await connectToOne(address, label, options);
  const keep = keepCause(client);
  const silence = options.silenceTimeoutMs ?? SILENCE_MS;
  const open = async <T>(limitMs: number, action: (other: Client) => Promise<T>): Promise<T> => {
    const limit = { ...options, connectTimeoutMs: Math.max(1, Math.round(limitMs)) };
    const other = await connectTo(url, label, limit, { query_timeout: limit.connectTimeoutMs });
    try {
      return await action(other);
    } finally {
      void farewell(other);
    }
  };
  const watch = new SilenceWatch(
    silence,
    {
      isWorking: (last) => open(silence * 0.15, (other) => isWorking(other, client, last)),
      close: () => cut(client),
    },
    (reason) => new RevgraphError('connection_lost', { reason }),
  );
  const sent = (answer: Promise<Sent>): Promise<Sent> =>
    watch.follow(answer).then(
      (one) =>
        one.failure === null ? one : { ...one, failure: { ...one.failure, error: keep(one.failure.error) } },
      (error: unknown) => ({ results: [], failure: { at: 0, began: false, error } }),
    );
  const sendAll = sendAllVia(client);
  const sendBehind = sendBehindVia(client);
  const kept = (error: unknown): never => {
    throw keep(error);
  };
  return {
    kind: 'server',
    label,
    processId: processIdOf(client),
    beside: (action) => open(BESIDE_MS, action),
    query: (text, values) => watch.follow(client.query(text, values)).catch(kept),
    sendCopy: copyVia(client),
    sendAll: (texts) => sent(sendAll(texts)),
    sendBehind: (...what) => {
      const { first, others } = sendBehind(...what);
      return { first: watch.follow(first).catch(kept), others: sent(others) };
    },
    onNotice: (listener) => {
      client.on('notice', (notice) => listener(messageOf(notice)));
    },
    close: () => farewell(client),
  };
}

/** COPY over a connection of `pg`'s own; undefined where there is none, as in front of an embedded database. */
export function copyVia(client: object): SendCopy | undefined {
  const { connection } = client as { connection?: { stream?: unknown } };
  if (!(connection?.stream instanceof Socket)) return undefined;
  return async (sql, source) => {
    const { from } = await import('pg-copy-streams');
    const stream = (client as { query(copy: object): ReturnType<typeof from> }).query(from(sql));
    await pipeline(Readable.from(source, { objectMode: true, highWaterMark: 1 }), stream);
    return stream.rowCount;
  };
}

/** What is used of `pg.Query` and of its connection. */
interface PgQuery {
  handleCommandComplete(message: { text: string }, connection: unknown): void;
  submit(connection: PgConnection): Error | null;
}
interface PgConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  query(text: string): void;
}
type QueryClass = new (
  config: { text: string },
  callback: (error: unknown, results: Result | Result[]) => void,
) => PgQuery;
interface PgClient {
  query(query: never): unknown;
}

const classOf = (client: PgClient): QueryClass =>
  (client.constructor as unknown as { Query: QueryClass }).Query;

const BETWEEN = '\n;\n';

/**
 * Sends statements as one message, so that one answer is waited for. `pg` says of an error where it is in the whole text, if at
 * all: what counts the answers knows which statement it was.
 */
export function sendAllVia(client: PgClient): SendAll {
  return (texts) =>
    new Promise((resolve) => {
      client.query(joined(client, texts, resolve) as never);
    });
}

/**
 * Two messages at once. The server answers the first when it is through with it: what is one message it answers as a whole. The
 * second is on the wire when its turn comes in the queue of the client, and is not sent again.
 */
export function sendBehindVia(client: PgClient): SendBehind {
  return (first, texts, onFirst) => {
    let behind: PgQuery | null = null;
    const others = new Promise<Sent>((resolve) => {
      behind = joined(client, texts, resolve);
    });
    const done = new Promise<void>((resolve, reject) => {
      const Query = classOf(client);
      const query = new Query({ text: first }, (error, results) => {
        if (error) return reject(error);
        onFirst(String([results].flat().at(-1)?.command));
        resolve();
      });
      query.submit = (connection) => {
        connection.stream.cork?.();
        connection.query(first);
        connection.query(texts.join(BETWEEN));
        connection.stream.uncork?.();
        return null;
      };
      client.query(query as never);
    });
    const onTheWire = behind as unknown as PgQuery;
    onTheWire.submit = () => null;
    client.query(onTheWire as never);
    return { first: done, others };
  };
}

function joined(client: PgClient, texts: readonly string[], tell: (sent: Sent) => void): PgQuery {
  let finished = 0;
  const Query = classOf(client);
  const query = new Query({ text: texts.join(BETWEEN) }, (error, results) => {
    if (error)
      tell({ results: [], failure: { ...placed(texts, finished, error), began: finished > 0, error } });
    else tell({ results: [results].flat(), failure: null });
  });
  const { handleCommandComplete } = query;
  query.handleCommandComplete = function count(message, connection) {
    finished += 1;
    handleCommandComplete.call(this, message, connection);
  };
  return query;
}

/** The statement that failed; the position of the error, where it has one, becomes that within the statement. */
function placed(texts: readonly string[], finished: number, error: unknown): { at: number } {
  const { position } = readDriverError(error);
  if (position === null) return { at: finished };
  let end = 0;
  const begins = texts.map((text) => {
    const begin = end;
    end += [...text].length + BETWEEN.length;
    return begin;
  });
  // What can't be parsed fails before the first statement runs.
  const at = finished > 0 ? finished : begins.findLastIndex((begin) => begin < position);
  (error as { position?: string }).position = String(position - (begins[at] ?? 0));
  return { at };
}
