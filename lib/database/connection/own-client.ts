import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readDriverError } from './failure.js';
import type { Result, SendAll, SendBehind, SendCopy, Sent } from './session.js';

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
      client.query(messageOf(client, texts, resolve) as never);
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
      behind = messageOf(client, texts, resolve);
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

function messageOf(client: PgClient, texts: readonly string[], tell: (sent: Sent) => void): PgQuery {
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
