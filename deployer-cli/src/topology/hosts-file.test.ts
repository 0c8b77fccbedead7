import { describe, expect, it } from "vitest";
import { parseHosts } from "./hosts-file.ts";

const hostsOf = (text: string) => parseHosts(text, "hosts").map(({ host, line }) => `${line} ${host}`);

describe("a list of hosts", () => {
  it("is addresses and names, one a line, without comments and blank lines", () => {
    const text = "# the fleet\n10.0.1.1\n\n  web-1.example  # first\r\n2001:db8::5\n";
    expect(hostsOf(text)).toEqual(["2 10.0.1.1", "4 web-1.example", "5 2001:db8::5"]);
  });

  it("is the first column of CSV and the like, without its head", () => {
    expect(hostsOf('"hostname",rack\n"web1",r1\nweb2;r2\nweb3 r3\nweb4\tr4\n')).toEqual([
      "2 web1",
      "3 web2",
      "4 web3",
      "5 web4",
    ]);
  });

  it.each([
    ["10.0.1.1\nweb one!\n", undefined],
    ["10.0.1.1\nhttp://web1/\n", /^hosts:2: "http:\/\/web1\/" is neither an address nor a host name/],
    ["[web]\nweb1\n", /^hosts:1: "\[web\]" is neither/],
    ["\n# nobody\n", /^hosts names no host; give one a line/],
    ["address\n", /names no host/],
  ])("is refused, or not, at the line at fault: %j", (text, message) => {
    if (message === undefined) expect(() => parseHosts(text, "hosts")).not.toThrow();
    else expect(() => parseHosts(text, "hosts")).toThrow(message);
  });
});
