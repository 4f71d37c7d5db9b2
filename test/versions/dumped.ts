import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';

/** What pg_dump asks of a PGlite instance. */
interface Dumpable {
  query(sql: string): Promise<{ rows: object[] }>;
  exec(sql: string): Promise<unknown>;
  execProtocolRawStream(bytes: Uint8Array, options: { onRawData: (bytes: Uint8Array) => void }): unknown;
}

async function run(pg: Dumpable, args: readonly string[]): Promise<string> {
  const got = inject('pgDump');
  if ('why' in got) throw new Error(got.why);
  const { pgDump } = (await import(pathToFileURL(`${got.root}/dist/pg_dump.js`).href)) as {
    pgDump(options: { pg: Dumpable; args: readonly string[] }): Promise<File>;
  };
  return (await pgDump({ pg, args })).text();
}

/** A database as pg_dump writes it. */
export async function dump(source: string | PGlite): Promise<string> {
  if (typeof source === 'string') return dumpServer(source);
  try {
    return await run(source, []);
  } finally {
    // It counts on the end of its connection, and there is none here: its transaction and settings would stay.
    await source.exec('ROLLBACK');
    await source.exec('DISCARD ALL');
  }
}

/**
 * pg_dump in WebAssembly expects its answers at once, from the PGlite instance in the same thread. A server's answers
 * come over a socket of another thread, for which this one waits.
 */
async function dumpServer(url: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const { port1: wire, port2: client } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('wire.mjs', import.meta.url), {
    workerData: { host: hostname, port: Number(port), client, answered },
    transferList: [client],
  });
  await new Promise((resolve) => worker.once('online', resolve));
  const pg: Dumpable = {
    query: async () => ({ rows: [{ search_path: 'public' }] }),
    exec: async () => {},
    execProtocolRawStream: (bytes, { onRawData }) => {
      Atomics.store(answered, 0, 0);
      wire.postMessage(Uint8Array.from(bytes));
      Atomics.wait(answered, 0, 0);
      let answer = receiveMessageOnPort(wire);
      // The flag may be seen a moment before the message.
      while (answer === undefined) answer = receiveMessageOnPort(wire);
      const said = answer.message as Uint8Array;
      if (said.length > 0) onRawData(said);
    },
  };
  const target = `user=${username} password=${password} dbname=${pathname.slice(1)} sslmode=disable gssencmode=disable`;
  try {
    return await run(pg, ['-d', target]);
  } finally {
    wire.close();
    await worker.terminate();
  }
}
