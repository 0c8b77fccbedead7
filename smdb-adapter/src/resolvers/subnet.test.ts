import { describe, expect, it } from "vitest";
import { TopologyError } from "../errors.ts";
import { createSubnetResolver } from "./subnet.ts";

function entries(...lines: readonly string[]) {
  return lines.map((line, index) => {
    const [prefix = "", path = ""] = line.split(" ");
    return { prefix, path, source: `subnets.txt:${index + 1}` };
  });
}

function refusal(lines: readonly string[], levels?: readonly string[]): TopologyError {
  try {
    createSubnetResolver({ prefixes: entries(...lines), levels });
  } catch (error) {
    if (error instanceof TopologyError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("subnet resolver", () => {
  it("answers with the longest prefix, whatever the order", () => {
    const resolver = createSubnetResolver({
      prefixes: entries("10.77.1.5 special", "10.0.0.0/8 any", "10.77.1.0/24 rack1", "0.0.0.0/0 world"),
    });
    expect(resolver.locate("10.77.1.5")?.path).toEqual(["special"]);
    expect(resolver.locate("10.77.1.6")?.path).toEqual(["rack1"]);
    expect(resolver.locate("10.77.2.6")?.path).toEqual(["any"]);
    expect(resolver.locate("192.0.2.1")?.path).toEqual(["world"]);
    expect(resolver.locate("2001:db8::1")).toBeUndefined();
  });

  it("keeps IPv6 apart from IPv4, but takes mapped addresses and prefixes for IPv4", () => {
    const resolver = createSubnetResolver({
      prefixes: entries("2001:db8::/32 v6", "::ffff:10.77.0.0/112 mapped", "::/0 rest"),
    });
    expect(resolver.locate("2001:db8:1::9")?.path).toEqual(["v6"]);
    expect(resolver.locate("10.77.3.4")?.path).toEqual(["mapped"]);
    expect(resolver.locate("::ffff:10.77.3.4")?.path).toEqual(["mapped"]);
    expect(resolver.locate("::10.77.3.4")?.path).toEqual(["rest"]);
    expect(resolver.locate("10.78.0.1")).toBeUndefined();
  });

  it("knows nothing of a text that is no address", () => {
    const resolver = createSubnetResolver({ prefixes: entries("0.0.0.0/0 a", "::/0 b") });
    for (const text of ["", "rack1", "10.0.0", "fe80::1%eth0"]) expect(resolver.locate(text)).toBeUndefined();
  });

  it("splits a path into its levels and says who answered", () => {
    const resolver = createSubnetResolver({ prefixes: entries("10.0.0.0/8 ams1/row4/rack12"), name: "static" });
    expect(resolver.locate("10.1.1.1")).toEqual({ path: ["ams1", "row4", "rack12"], resolver: "static" });
  });

  it("takes the same prefix twice when both lines agree", () => {
    expect(createSubnetResolver({ prefixes: entries("10.0.0.0/8 a", "10.0.0.0/8 a") }).prefixCount).toBe(1);
  });

  it("refuses the same prefix with two places and names both lines", () => {
    const { code, message } = refusal(["10.0.0.0/8 a", "10.0.0.1 c", "10.0.0.0/8 b"]);
    expect(code).toBe("TOPOLOGY_PREFIXES_FAULTY");
    expect(message).toContain(
      'subnets.txt:3: "10.0.0.0/8": is given two places: b here and a at subnets.txt:1; keep one of the two lines',
    );
  });

  it("lists every fault at once, each with the remedy", () => {
    const { faults } = refusal([
      "10.0.0.0/33 a",
      "10.77.1.5/24 b",
      "ten c",
      "10.0.0.0/8 a//b",
      "2001:db8::/129 d",
      "::/-1 e",
    ]);
    expect(faults.map(({ source, text, problem }) => `${source} ${text} ${problem}`)).toEqual([
      "subnets.txt:1 10.0.0.0/33 has no prefix length from 0 to 32 after the slash",
      "subnets.txt:2 10.77.1.5/24 has bits set beyond its length 24",
      "subnets.txt:3 ten is not a prefix",
      "subnets.txt:4 a//b has a level without a name",
      "subnets.txt:5 2001:db8::/129 has no prefix length from 0 to 128 after the slash",
      "subnets.txt:6 ::/-1 has no prefix length from 0 to 128 after the slash",
    ]);
    expect(faults[1]?.remedy).toBe("write 10.77.1.0/24, or 10.77.1.5 for one host");
  });

  it("refuses paths of another depth than the levels", () => {
    const { message } = refusal(["10.0.0.0/8 rack1", "11.0.0.0/8 ams1/rack1", "12.0.0.0/8 a/b/c"], ["dc", "rack"]);
    expect(message).toContain('subnets.txt:1: "rack1": has 1 level where 2 levels must be; write dc/rack');
    expect(message).toContain("subnets.txt:3");
    expect(message).not.toContain("subnets.txt:2");
  });

  it("keeps the message short of a hundred thousand faults, but has them all at hand", () => {
    const error = refusal(Array.from({ length: 100_000 }, () => "x y"));
    expect(error.faults).toHaveLength(100_000);
    expect(error.message.length).toBeLessThan(20_000);
    expect(error.message).toContain("and 99900 more");
  });
});
