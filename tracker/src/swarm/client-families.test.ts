import { expect, it } from "vitest";
import { describeClient } from "./client-families.ts";
import type { PeerId } from "./identifiers.ts";

it.each([
  ["-lt0D80-abcdefghijkl", "rtorrent/0.13.8"],
  ["-LT2080-abcdefghijkl", "libtorrent/2.0.8"],
  ["-WW0208-abcdefghijkl", "WebTorrent/2.8"],
  ["-WW0110-abcdefghijkl", "WebTorrent/1.10"],
  ["A2-1-36-0-abcdefghij", "aria2/1.36.0"],
  ["-XY1234-abcdefghijkl", "unknown"],
])("the client of %s is %s", (peerId, client) => expect(describeClient(peerId as PeerId)).toBe(client));
