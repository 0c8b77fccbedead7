// IPv4 and IPv6 in one swarm (BEP 7, 15, 24): who is told of which addresses, and that a client of both is one peer.
import { beforeEach, describe, expect, it } from "vitest";
import type {
  FrontendClient,
  StoryAnnounce,
  StoryPeer,
  StoryReply,
} from "../support/frontend-clients/frontend-client.ts";
import { createHttpClient } from "../support/frontend-clients/http-client.ts";
import { newPeer, served, type StoryOptions } from "./frontend-story-suite.ts";

/** Whose word counts (`TRUSTED_PROXIES`); nobody else calls from there. */
export const TRUSTED_HOST = "127.0.0.9";
const LEFT = 16_384;

/** `frontends` are those whose answers have room for one family alone. */
export function addressFamiliesSuite(store: string, { trackers, newTransfer, frontends }: StoryOptions): void {
  describe(`${store}: IPv4 and IPv6 in one swarm`, () => {
    let infoHash: string;
    let clients: Record<"v4" | "v6", FrontendClient>;
    beforeEach(() => {
      infoHash = newTransfer();
      const { port } = trackers()[0]!;
      const v4 = createHttpClient({ host: "127.0.0.1", port, compact: true });
      clients = { v4, v6: createHttpClient({ host: "::1", port, compact: false }) };
    });

    const say = (client: FrontendClient, peer: StoryPeer, more: Partial<StoryAnnounce> = {}): Promise<StoryReply> =>
      client.announce({ infoHash, peer, left: LEFT, event: "started", ...more });
    const told = async (client: FrontendClient, peer: StoryPeer) => served(await say(client, peer)).peers;

    /** Announces over both families, as one client. */
    async function startDual(more: Partial<StoryAnnounce> = {}): Promise<[v4: string, v6: string]> {
      const v4 = newPeer("ipv4");
      const v6 = { ...v4, host: "::1" };
      served(await say(clients.v4, v4, more));
      served(await say(clients.v6, v6, more));
      return [clients.v4.nameOf(v4), clients.v6.nameOf(v6)];
    }

    /** A client that is trusted, or not, says that it has these addresses. */
    async function startClaiming(host: string, claims: string): Promise<StoryPeer> {
      const { port } = trackers()[0]!;
      const peer = { ...newPeer("ipv4"), host };
      served(await say(createHttpClient({ host: "127.0.0.1", port, compact: true, claims }), peer));
      return peer;
    }

    describe("HTTP", () => {
      it("counts a client of both families once, and hands out both its addresses", async () => {
        const names = await startDual({ left: 0 });
        expect(await clients.v6.scrape(infoHash)).toEqual({ complete: 1, incomplete: 0, completions: 0 });
        expect(await told(clients.v4, newPeer("ipv4"))).toEqual(names.toSorted());
        expect(await told(clients.v6, newPeer("ipv6"))).toContain(names[1]);
      });

      it("refuses a peer id from the other family without the key it came with", async () => {
        const peer = newPeer("ipv4");
        await say(clients.v4, peer);
        const stranger = { ...peer, host: "::1", key: peer.key + 1 };
        expect(await say(clients.v6, stranger)).toMatchObject({
          kind: "failure",
          reason: expect.stringContaining("peer_id is in use"),
        });
      });

      it("forgets both addresses when the client stops in one family", async () => {
        const peer = newPeer("ipv4");
        await say(clients.v4, peer);
        await say(clients.v6, { ...peer, host: "::1" });
        await say(clients.v6, { ...peer, host: "::1" }, { event: "stopped" });
        expect(await told(clients.v4, newPeer("ipv4"))).toEqual([]);
      });

      it("takes ipv6= from a trusted client as its second address", async () => {
        const { port } = await startClaiming(TRUSTED_HOST, "&ip=127.0.1.251&ipv6=fd00::251");
        expect(await told(clients.v4, newPeer("ipv4"))).toEqual(
          [`127.0.1.251:${port}`, `[fd00::251]:${port}`].toSorted(),
        );
        expect(await clients.v4.scrape(infoHash)).toMatchObject({ complete: 0, incomplete: 2 });
      });

      it("takes ipv4= and ipv6= with the ports they come with", async () => {
        await startClaiming(TRUSTED_HOST, "&ipv4=127.0.1.252:7&ipv6=%5Bfd00::252%5D:8");
        expect(await told(clients.v4, newPeer("ipv4"))).toEqual(["127.0.1.252:7", "[fd00::252]:8"]);
      });

      it("takes nobody else's word on addresses", async () => {
        const peer = await startClaiming("127.0.1.253", "&ip=127.0.1.254&ipv4=127.0.1.254&ipv6=fd00::254");
        expect(await told(clients.v4, newPeer("ipv4"))).toEqual([`127.0.1.253:${peer.port}`]);
      });
    });

    describe.each([...frontends])("$name", ({ family, connect }) => {
      it("is told of addresses of its own family alone, and by no peer too few", async () => {
        const dual = await startDual({ left: 0 });
        const [v4, v6] = [newPeer("ipv4"), newPeer("ipv6")];
        await say(clients.v4, v4, { numwant: 0 });
        await say(clients.v6, v6, { numwant: 0 });
        const own = family === "ipv4" ? [dual[0], clients.v4.nameOf(v4)] : [dual[1], clients.v6.nameOf(v6)];
        const client = connect(trackers().at(-1)!);
        const asked = await say(client, newPeer(family), { numwant: 2 });
        await client.close();
        expect(served(asked).peers).toEqual(own.toSorted());
      });
    });
  });
}
