// A free port of the loopback for a server of the tests, below those that the system gives to outgoing connections.
import { once } from "node:events";
import { createServer } from "node:net";

const LOWEST = 20_000;
const COUNT = 12_000;
const MOST_ATTEMPTS = 100;

/**
 * A client that keeps calling a port of the system's own range may be given that very port to call from, and then
 * talks to itself; a server that restarts there would find its port taken.
 */
export async function findServerPort(): Promise<number> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${LOWEST} to ${LOWEST + COUNT}; end what listens there`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
