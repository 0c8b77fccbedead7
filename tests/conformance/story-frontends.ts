// The front ends that the stories are told through.
import { createHttpClient } from "../support/frontend-clients/http-client.ts";
import { createNpmClient } from "../support/frontend-clients/npm-client.ts";
import type { StoryFrontend } from "./frontend-story-suite.ts";

const http = (family: StoryFrontend["family"], compact: boolean): StoryFrontend => ({
  name: `HTTP over ${family}, ${compact ? "compact" : "dictionaries"}`,
  family,
  connect: ({ port }) => createHttpClient({ host: LOOPBACK[family], port, compact }),
});

const LOOPBACK = { ipv4: "127.0.0.1", ipv6: "::1" } as const;

export const STORY_FRONTENDS: readonly StoryFrontend[] = [
  http("ipv4", true),
  http("ipv4", false),
  http("ipv6", true),
  http("ipv6", false),
];

/** Clients as people run them; all their peers are on one host. */
export const FOREIGN_FRONTENDS: readonly StoryFrontend[] = ["http"].map((protocol) => ({
  name: `bittorrent-tracker's client by ${protocol.toUpperCase()}`,
  family: "ipv4",
  connect: ({ port }) => createNpmClient(`${protocol}://127.0.0.1:${port}/announce`),
}));
