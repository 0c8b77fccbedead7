// Holds that the Redis servers of the tests do what tests of outages rely on.
import { afterEach, expect, it } from "vitest";
import { type RedisServer, startRedis } from "./redis-server.ts";

let server: RedisServer;
afterEach(() => server.close());

it("keeps its writes over SIGKILL when it is append-only, on the same port", async () => {
  server = await startRedis({ appendOnly: true });
  const { port } = server;
  await server.client.set("kept", "yes");
  // appendfsync everysec: the kernel has the write, which the death of a process cannot take.
  await server.kill("SIGKILL");
  await server.restart();
  expect(await server.client.get("kept")).toBe("yes");
  expect(server.port).toBe(port);
});

it("forgets them otherwise", async () => {
  server = await startRedis();
  await server.client.set("kept", "no");
  await server.kill("SIGKILL");
  await server.restart();
  expect(await server.client.get("kept")).toBeNull();
});

it("is silent while it is stopped", async () => {
  server = await startRedis({ password: "hidden" });
  await server.kill("SIGSTOP");
  const answer = server.client.ping();
  expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300, "silence"))])).toBe("silence");
  await server.kill("SIGCONT");
  expect(await answer).toBe("PONG");
});
