import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SendCopy } from './session.js';

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
