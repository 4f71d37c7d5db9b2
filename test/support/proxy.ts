import { createServer, connect as dial, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy before a PostgreSQL server that counts round trips: how often the client spoke when it had been answered. */
export interface CountingProxy {
  readonly url: string;
  /** Round trips since it was made, those of connecting left out. */
  roundTrips(): number;
  /** What the server said of statements that failed. */
  failures(): readonly string[];
}

/** @param url of a server that is reached without TLS @param at where it listens; default: a free port */
export async function countingProxy(url: string, at = 0): Promise<CountingProxy> {
  const { hostname, port } = new URL(url);
  let trips = 0;
  const failures: string[] = [];
  const open: Socket[] = [];
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    open.push(client, upstream);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    let ready = false;
    let answered = false;
    client.on('data', (chunk: Buffer) => {
      // The last message, which nobody answers.
      if (ready && answered && chunk[0] !== TERMINATE) trips++;
      answered = false;
    });
    client.pipe(upstream);
    // The first ReadyForQuery ends the start-up of the connection.
    const read = messages(
      () => {
        ready = true;
      },
      (message) => failures.push(message),
    );
    upstream.on('data', (chunk) => {
      answered = true;
      read(chunk);
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address() as { port: number };
  const through = new URL(url);
  through.port = String(address.port);
  return { url: through.href, roundTrips: () => trips, failures: () => failures };
}

const TERMINATE = 0x58;

/** Reads backend messages (a type byte, a length of four bytes that counts itself): every ReadyForQuery, every ErrorResponse. */
function messages(onReady: () => void, onError: (message: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const length = 1 + rest.readInt32BE(1);
      if (rest.length < length) return;
      if (rest[0] === 0x5a) onReady();
      if (rest[0] === 0x45) onError(rest.toString('utf8', 5, length).replaceAll('\0', ' '));
      rest = rest.subarray(length);
    }
  };
}

/** A proxy that loses the connection at one message of the client: before the server hears it, or before its answer comes. */
export interface LosingProxy {
  readonly url: string;
  /** What was lost, as text; null while nothing is. */
  lost(): string | null;
}

/**
 * @param isIt told of every message as text, from the first on; the first that it says yes to is lost
 * @param how `question`: the server does not hear it · `answer`: it does, and what it says is not heard · `silence`: from there on
 *   nothing passes, and nobody is told; `deafness`: the server hears it first; `half`: it hears the first half of it; `dead network`: new
 *   connections have no answer either
 */
export async function losingProxy(
  url: string,
  isIt: (text: string) => boolean,
  how: 'question' | 'answer' | 'silence' | 'deafness' | 'half' | 'dead network',
): Promise<LosingProxy> {
  const { hostname, port } = new URL(url);
  let lost: string | null = null;
  const open: Socket[] = [];
  const server = createServer((client) => {
    open.push(client);
    if (lost !== null && how === 'dead network') return;
    const upstream = dial(Number(port), hostname);
    open.push(upstream);
    let deaf = false;
    let silent = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const endHere = (): void => {
      if (!silent) end();
    };
    client.on('error', endHere).on('close', endHere);
    upstream.on('error', endHere).on('close', endHere);
    client.on('data', (chunk: Buffer) => {
      if (silent) return;
      const text = chunk.toString('latin1');
      const isLost = lost === null && isIt(text);
      if (isLost) lost = text;
      if (isLost && how === 'question') return end();
      silent ||= isLost && how !== 'answer';
      if (isLost && how === 'half') upstream.write(chunk.subarray(0, chunk.length >> 1));
      if (silent && how !== 'deafness') return;
      deaf ||= isLost;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (silent) return;
      if (deaf) end();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.port = String((server.address() as { port: number }).port);
  return { url: through.href, lost: () => lost };
}
