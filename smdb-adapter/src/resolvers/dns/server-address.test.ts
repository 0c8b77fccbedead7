import { describe, expect, it } from "vitest";
import { parseServerAddress } from "./server-address.ts";

describe("parseServerAddress", () => {
  it.each([
    ["10.0.0.53", "10.0.0.53", 53, 4],
    ["10.0.0.53:5353", "10.0.0.53", 5353, 4],
    ["fd00::53", "fd00::53", 53, 6],
    ["[fd00::53]", "fd00::53", 53, 6],
    ["[fd00::53]:5353", "fd00::53", 5353, 6],
    ["fe80::1%eth0", "fe80::1%eth0", 53, 6],
  ])("reads %s", (text, address, port, family) => {
    expect(parseServerAddress(text)).toMatchObject({ address, port, family });
  });

  it.each([
    "",
    "ns.example",
    "10.0.0.53:",
    "10.0.0.53:0",
    "10.0.0.53:65536",
    "[10.0.0.53]:53",
    "10.0.0",
    "[::1",
    "::1]:53",
  ])("refuses %j", (text) => {
    expect(parseServerAddress(text)).toBeUndefined();
  });
});
