// The front ends that the stories are told through.
import { createHttpClient } from "../support/frontend-clients/http-client.ts";
import { createNpmClient } from "../support/frontend-clients/npm-client.ts";
import { createUdpClient } from "../support/frontend-clients/udp-client.ts";
import { createWebtorrentClients } from "../support/frontend-clients/webtorrent-client.ts";
import type { FrontendClient } from "../support/frontend-clients/frontend-client.ts";
import type { StoryTracker } from "../support/story-tracker.ts";
import { TRUSTED_HOST } from "./address-families-suite.ts";

export interface StoryFrontend {
  readonly name: string;
  /** That of the addresses which its clients call from. */
  readonly family: "ipv4" | "ipv6";
  connect(tracker: StoryTracker): FrontendClient;
}

const http = (family: StoryFrontend["family"], compact: boolean): StoryFrontend => ({
  name: `HTTP over ${family}, ${compact ? "compact" : "dictionaries"}`,
  family,
  connect: ({ port }) => createHttpClient({ host: LOOPBACK[family], port, compact }),
});

const https: StoryFrontend = {
  name: "HTTPS",
  family: "ipv4",
  connect: ({ tls }) => createHttpClient({ host: "127.0.0.1", ...tls, compact: true }),
};

const udp = (family: StoryFrontend["family"]): StoryFrontend => ({
  name: `UDP over ${family}`,
  family,
  connect: ({ port }) => createUdpClient({ host: LOOPBACK[family], port }),
});

/** Their answers have room for one family alone. */
export const UDP_FRONTENDS = [udp("ipv4"), udp("ipv6")];

const LOOPBACK = { ipv4: "127.0.0.1", ipv6: "::1" } as const;

export const STORY_FRONTENDS: readonly StoryFrontend[] = [
  http("ipv4", true),
  http("ipv4", false),
  http("ipv6", true),
  http("ipv6", false),
  https,
  ...UDP_FRONTENDS,
];

/** Clients as people run them; all their peers are on one host. */
export const FOREIGN_FRONTENDS: readonly StoryFrontend[] = ["http", "udp"].map((protocol) => ({
  name: `bittorrent-tracker's client by ${protocol.toUpperCase()}`,
  family: "ipv4",
  connect: ({ port }) => createNpmClient(`${protocol}://127.0.0.1:${port}/announce`),
}));

const connectWebtorrent = createWebtorrentClients();

/** In swarms of their own: WebRTC peers and the others cannot connect each other. */
export const WEBTORRENT_FRONTENDS: readonly StoryFrontend[] = [
  { name: "WebTorrent over ipv4", family: "ipv4", connect: ({ port }) => connectWebtorrent({ port }) },
  { name: "WebTorrent over ipv6", family: "ipv6", connect: ({ port }) => connectWebtorrent({ port }) },
  { name: "WebTorrent over TLS", family: "ipv4", connect: ({ tls }) => connectWebtorrent(tls) },
];

/** Of the trackers that the stories are told to. */
export const STORY_SETTINGS = { INACTIVE_REPLY: "failure", TRUSTED_PROXIES: TRUSTED_HOST } as const;
