// The settings that several clients have in common.
import { isIPv4 } from "node:net";
import { type Static, Type } from "typebox";

import { BandwidthBudgetSchema } from "./bandwidth.ts";

/** What a setting may say of itself beside its type. */
interface Described {
  readonly description: string;
  readonly default?: number;
}

/** An absolute path that no client's format gives a meaning of its own: no `"`, `\`, `$`, `%`, no control characters. */
const PLAIN_PATH = '^/[^\\u0000-\\u001f\\u007f"\\\\$%]*$';

export function plainPath(description: string) {
  const rule = 'must be an absolute path without control characters, ", \\, $ and %';
  return Type.String({ description, pattern: PLAIN_PATH, rule });
}

export function port(description: string) {
  return Type.Integer({ description, minimum: 1, maximum: 65_535 });
}

export const PortOrRangeSchema = Type.Union(
  [
    port("The one port."),
    Type.Object(
      { first: port("Lowest port tried."), last: port("Highest port tried.") },
      { additionalProperties: false },
    ),
  ],
  {
    description: "TCP port for peers, or a range of which the first free one is taken.",
    rule: "must be a port from 1 to 65535, or { first, last } of two such ports",
  },
);

export type PortOrRange = Static<typeof PortOrRangeSchema>;

export function portRangeOf(listenPort: PortOrRange): { readonly first: number; readonly last: number } {
  return typeof listenPort === "number" ? { first: listenPort, last: listenPort } : listenPort;
}

export const LISTEN_PORT_RULE = "must not end before it begins";

export function startsBeforeItEnds(listenPort: PortOrRange): boolean {
  const { first, last } = portRangeOf(listenPort);
  return first <= last;
}

/** Undefined is any address. */
export function isAnyOrIPv4(address: string | undefined): boolean {
  return address === undefined || isIPv4(address);
}

function bindAddress() {
  const description = "IPv4 address to listen at, and from which peers and trackers are called. Default: any.";
  return Type.Optional(Type.String({ description }));
}

/** Peers of one torrent, or some of them. */
function peerCount(described: Described) {
  return Type.Integer({ minimum: 1, maximum: 1000, ...described });
}

export function flag(description: string, byDefault: boolean) {
  return Type.Boolean({ description, default: byDefault });
}

const PREALLOCATE =
  "Reserve a file's space when it is opened, so that a full disk shows at once and files do not fragment.";

/** Of clients that limit peers and uploads of each torrent. */
export const PEER_SETTINGS = {
  bindAddress: bindAddress(),
  bandwidth: Type.Optional(BandwidthBudgetSchema),
  maxUploads: peerCount({ description: "Peers of one torrent that are uploaded to at a time.", default: 50 }),
  maxPeers: peerCount({ description: "Peers of one torrent that are connected to at a time.", default: 200 }),
  preallocate: flag(PREALLOCATE, true),
};

export function umask(description: string) {
  return Type.String({
    description,
    pattern: "^0[0-7][0-7][2367]$",
    rule: 'must be four octal digits, the last of which takes writing from others (2, 3, 6 or 7), such as "0022"',
    default: "0022",
  });
}
