/** A TCP proxy between the platform and its database, to cut what goes through it. */
import { connect, createServer, type Socket } from 'node:net';

export type Wire = Awaited<ReturnType<typeof startWire>>;

export async function startWire(port: number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    const pair = [inside, outside] as const;
    pairs.add(pair);
    inside.pipe(outside).pipe(inside);
    for (const socket of pair)
      socket
        .on('error', () => {})
        .on('close', () => {
          pairs.delete(pair);
          inside.destroy();
          outside.destroy();
        });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    /** Resets those of the connections that are chosen. */
    cut(chosen: () => boolean): void {
      for (const pair of pairs) if (chosen()) for (const socket of pair) socket.resetAndDestroy();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        for (const pair of pairs) for (const socket of pair) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
