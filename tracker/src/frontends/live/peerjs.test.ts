import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createUpgrades } from "../upgrades.ts";
import { createPeerjsFrontend, type PeerjsFrontend } from "./peerjs.ts";

let server: Server;
let peerjs: PeerjsFrontend;
let place: string;
let faults: string[];

beforeEach(async () => {
  faults = [];
  server = createServer((request, response) => {
    if (peerjs.handles(request.url ?? "")) peerjs.handle(request, response);
    else response.end("ours");
  });
  peerjs = createPeerjsFrontend({
    server,
    hostOf: () => "host",
    connections: 100,
    elapsed: () => performance.now(),
    faults: { count: (kind) => void faults.push(kind) },
  });
  const upgrades = createUpgrades();
  upgrades.register(peerjs.upgradePath, peerjs.handleUpgrade);
  server.on("upgrade", upgrades.handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  peerjs.close();
  server.close();
  server.closeAllConnections();
});

const join = async (id: string) => {
  const socket = new WebSocket(`ws://${place}/peerjs/peerjs?key=peerjs&id=${id}&token=${id}`);
  const [event] = (await once(socket, "message")) as [MessageEvent];
  return { socket, hello: String(event.data) };
};

describe("PeerJS on the tracker's port", () => {
  it("gives ids, passes messages on, and leaves all other paths alone", async () => {
    expect(await (await fetch(`http://${place}/peerjs/peerjs/id`)).text()).toMatch(/^[0-9a-f-]{36}$/);
    for (const path of ["/", "/peerjsx", "/announce"]) {
      expect(await (await fetch(`http://${place}${path}`)).text()).toBe("ours");
    }
    const [one, other] = [await join("one"), await join("other")];
    expect(one.hello).toBe('{"type":"OPEN"}');
    const received = once(other.socket, "message") as Promise<[MessageEvent]>;
    one.socket.send(JSON.stringify({ type: "OFFER", dst: "other", payload: "p" }));
    expect(JSON.parse(String((await received)[0].data))).toMatchObject({ type: "OFFER", src: "one", payload: "p" });
  });

  it("outlives frames that are no messages, and drops who floods it", async () => {
    const { socket } = await join("one");
    for (const frame of ["{", "null", "[]", '{"type":7}', '{"type":"OFFER","dst":{}}']) socket.send(frame);
    await expect.poll(() => faults).toContain("peerjs-frame");
    const { socket: other } = await join("other");
    const closed = once(other, "close");
    for (let sent = 0; sent < 300; sent++) other.send('{"type":"OFFER","dst":"nobody"}');
    await closed;
    expect(faults).toContain("peerjs-flood");
  });

  it("answers 404 to an upgrade of another path", async () => {
    const socket = new WebSocket(`ws://${place}/elsewhere`);
    await once(socket, "error");
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
