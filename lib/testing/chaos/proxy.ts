import { createServer, connect as dial, type Socket } from 'node:net';

/** What is to become of the first connection. */
export interface ProxyPlan {
  /** Which side speaks: the client (`up`), or the server (`down`). */
  readonly side: 'up' | 'down';
  /** So many bytes pass. */
  readonly bytes: number;
  /** `reset`: both ends are told · `silence`: nothing passes in either direction, and nobody is told. */
  readonly how: 'reset' | 'silence';
}

/** A proxy in front of a server that is reached over TCP without encryption. */
export interface ChaosProxy {
  readonly url: string;
  /** What has passed on its first connection. */
  readonly passed: { readonly up: number; readonly down: number };
  readonly hit: () => boolean;
  close(): void;
}

/** @param plan null: all passes, and is counted */
export async function openProxy(server: string, plan: ProxyPlan | null): Promise<ChaosProxy> {
  const { hostname, port } = new URL(server);
  const passed = { up: 0, down: 0 };
  const sockets: Socket[] = [];
  let connections = 0;
  let hit = false;
  const listener = createServer((client) => {
    const upstream = dial(Number(port || 5432), hostname);
    sockets.push(client, upstream);
    const isFirst = connections++ === 0;
    let silent = false;
    const end = (): void => {
      // A server on the far side of a dead line does not hear that its client has gone.
      if (silent) return;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    const pass = (side: 'up' | 'down', to: Socket) => (chunk: Buffer) => {
      if (silent) return;
      const left = isFirst && plan?.side === side ? plan.bytes - passed[side] : Number.POSITIVE_INFINITY;
      if (isFirst) passed[side] += chunk.length;
      if (chunk.length <= left) return void to.write(chunk);
      hit = true;
      silent = plan?.how === 'silence';
      to.write(chunk.subarray(0, left), () => {
        if (silent) return;
        client.resetAndDestroy();
        upstream.destroy();
      });
    };
    client.on('data', pass('up', upstream));
    upstream.on('data', pass('down', client));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const through = new URL(server);
  through.hostname = '127.0.0.1';
  through.port = String((listener.address() as { port: number }).port);
  return {
    url: through.href,
    passed,
    hit: () => hit,
    close: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}
