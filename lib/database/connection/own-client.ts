import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readDriverError } from './failure.js';
import type { Result, SendAll, SendCopy } from './session.js';

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

/** What is used of `pg.Query`. */
type QueryClass = new (
  config: { text: string },
  callback: (error: unknown, results: Result | Result[]) => void,
) => { handleCommandComplete(message: { text: string }, connection: unknown): void };

const BETWEEN = '\n;\n';

/**
 * Sends statements as one message, so that one answer is waited for. `pg` says of an error where it is in the whole text, if at
 * all: what counts the answers knows which statement it was.
 */
export function sendAllVia(client: { query(query: never): unknown }): SendAll {
  const { Query } = client.constructor as unknown as { Query: QueryClass };
  return (texts, onDone) =>
    new Promise((resolve) => {
      let finished = 0;
      const query = new Query({ text: texts.join(BETWEEN) }, (error, results) => {
        if (error) resolve({ results: [], failure: { ...placed(texts, finished, error), error } });
        else resolve({ results: [results].flat(), failure: null });
      });
      const { handleCommandComplete } = query;
      query.handleCommandComplete = function count(message, connection) {
        finished += 1;
        handleCommandComplete.call(this, message, connection);
        onDone?.(finished, message.text);
      };
      client.query(query as never);
    });
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
