import { describe, expect, it } from "vitest";
import { TopologyError } from "../errors.ts";
import { loadTopology } from "./topology-file.ts";
import { topologyFormat } from "./topology-text.ts";

function load(file: string, text: string, levels?: readonly string[]) {
  return loadTopology({ file, text, levels, resolver: "file" });
}

function pathIn(file: string, text: string, address: string, levels?: readonly string[]) {
  return load(file, text, levels).locate(address)?.path.join("/");
}

/** Each fault as `line text: problem`. */
function faultsOf(file: string, text: string, levels?: readonly string[]): readonly string[] {
  try {
    load(file, text, levels);
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    expect(error.code).toBe("TOPOLOGY_FILE_FAULTY");
    for (const fault of error.faults) {
      expect(fault.source.startsWith(`${file}:`)).toBe(true);
      expect(fault.remedy).not.toBe("");
    }
    return error.faults.map(
      ({ source, text: said, problem }) => `${source.slice(file.length + 1)} ${said}: ${problem}`,
    );
  }
  throw new Error("nothing was refused");
}

describe("topology format", () => {
  it.each([
    ["racks.csv", "10.0.0.0/8 a", "csv"],
    ["racks.YML", "10.0.0.0/8 a", "yaml"],
    ["racks.yaml", "10.0.0.0/8 a", "yaml"],
    ["racks", "# racks\n\n  10.0.0.0/8 a", "lines"],
    ["racks.txt", "fe80:: a", "lines"],
    ["racks", "10.0.0.0/8", "lines"],
    ["racks", "", "lines"],
    ["racks", "# racks\nprefix,path\n10.0.0.0/8,a", "csv"],
    ["racks", '"dc", "rack", "Address"\na,b,10.0.0.1', "csv"],
    ["racks", "---\n10.0.0.0/8: a", "yaml"],
    ["racks", "10.0.0.0/8: a", "yaml"],
    ["racks", "2001:db8::/32: a", "yaml"],
    ["racks", "'10.0.0.0/8': a", "yaml"],
    ["racks", "10.0.0.0/8:\n  - a", "yaml"],
    ["racks", "- prefix: 10.0.0.0/8", "yaml"],
    ["racks", "-\n  prefix: 10.0.0.0/8", "yaml"],
  ])("of %s holding %j is %s", (file, text, format) => {
    expect(topologyFormat(file, text)).toBe(format);
  });
});

describe("topology file in lines", () => {
  it("takes prefixes and single addresses, any white space, comments and Windows line ends", () => {
    const text =
      "# all racks\r\n10.77.1.0/24\track1 # the first\r\n\r\n   10.77.1.9   row4/rack#2\r\n2001:db8::/32 rack6";
    expect(pathIn("t", text, "10.77.1.1")).toBe("rack1");
    expect(pathIn("t", text, "10.77.1.9")).toBe("row4/rack#2");
    expect(pathIn("t", text, "2001:db8::7")).toBe("rack6");
  });

  it("lists every fault at once, in the order of the lines", () => {
    const text = "10.0.0.0/8 a\n10.0.0.0\nrack2 10.1.0.0/16\n10.2.0.0/16 rack 2\n10.0.0.0/8 b\n10.3.0.0/99 c";
    expect(faultsOf("t", text)).toEqual([
      "2 10.0.0.0: has no path",
      "3 rack2: is not a prefix",
      "4 10.2.0.0/16 rack 2: has text after the path",
      "5 10.0.0.0/8: is given two places: b here and a at t:1",
      "6 10.3.0.0/99: has no prefix length from 0 to 32 after the slash",
    ]);
    expect(faultsOf("t", text, ["rack"])).toContain("3 10.1.0.0/16: has 2 levels where 1 level must be");
  });

  it.each(["", "# nothing\n\n"])("refuses a file that holds only %j, with an example of a line", (text) => {
    expect(() => load("t", text)).toThrow("t is empty: it names no prefix; add a line such as 10.77.1.0/24 rack1");
  });
});

describe("topology file in CSV", () => {
  it("takes a path column, in any place and case, beside columns it does not need", () => {
    const text = '# racks\nHost,Path,CIDR\nweb1,"ams1/rack 1",10.77.1.0/24\n\nweb2, ams1/rack#2 ,10.77.2.7\n';
    expect(pathIn("t.csv", text, "10.77.1.1")).toBe("ams1/rack 1");
    expect(pathIn("t.csv", text, "10.77.2.7")).toBe("ams1/rack#2");
  });

  it("takes one column per level in the header's order", () => {
    expect(pathIn("t.csv", "dc,address,rack\nams1,10.77.1.5,r2", "10.77.1.5")).toBe("ams1/r2");
  });

  it("takes the columns of the levels by name when there are levels", () => {
    const text = "rack,host,prefix,dc\nr2,web1,10.77.1.0/24,ams1";
    expect(pathIn("t.csv", text, "10.77.1.5", ["dc", "rack"])).toBe("ams1/r2");
    expect(pathIn("t.csv", text, "10.77.1.5", ["rack"])).toBe("r2");
  });

  it("lists every fault at once with its line", () => {
    const text = 'prefix,dc,rack\n10.0.0.0/8,a,b\n10.0.0.0/33,a,b\n"10.1.0.0/16",a\n10.2.0.0/16,,b\n10.0.0.0/8,a,c';
    expect(faultsOf("t.csv", text)).toEqual([
      "3 10.0.0.0/33: has no prefix length from 0 to 32 after the slash",
      "4 10.1.0.0/16,a: has 2 fields where the header has 3",
      "5 /b: has a level without a name",
      "6 10.0.0.0/8: is given two places: a/c here and a/b at t.csv:2",
    ]);
  });

  it.each([
    ["rack,dc\na,b", "1 rack,dc: has no column address, cidr or prefix"],
    ["prefix\n10.0.0.0/8", "1 prefix: has no column for the path"],
    ["\n\nprefix,rack\n10.0.0.0/8,a", "3 prefix,rack: has no column for dc"],
    ["prefix,Rack,rack\n10.0.0.0/8,a,b", '1 prefix,Rack,rack: has the column "rack" twice'],
  ])("refuses the header of %j", (text, fault) => {
    expect(faultsOf("t.csv", text, fault.endsWith("for dc") ? ["dc", "rack"] : undefined)).toEqual([fault]);
  });

  it("tells an open quote together with the faults before it", () => {
    const faults = faultsOf("t.csv", 'prefix,path\nten,a\n10.0.0.0/8,"a\n10.1.0.0/16,b');
    expect(faults[0]).toBe("2 ten: is not a prefix");
    expect(faults[1]).toMatch(/^4 .*: is not CSV: /);
  });

  it("refuses a header alone as empty", () => {
    expect(() => load("t.csv", "prefix,path\n")).toThrow("t.csv is empty");
  });
});

describe("topology file in YAML", () => {
  it("takes a mapping of prefix to a path in text or as a list", () => {
    const text = "# racks\n10.77.1.0/24: ams1/rack1\n10.77.2.5: [ams1, rack2]\n2001:db8::/32:\n  - ams1\n  - rack6\n";
    expect(pathIn("t.yaml", text, "10.77.1.1")).toBe("ams1/rack1");
    expect(pathIn("t.yaml", text, "10.77.2.5")).toBe("ams1/rack2");
    expect(pathIn("t.yaml", text, "2001:db8::1")).toBe("ams1/rack6");
  });

  it("takes a list of prefix and path, aliases included", () => {
    const text =
      "- {prefix: 10.77.1.0/24, path: &a [ams1, rack1]}\n- cidr: 10.77.2.0/24\n  path: *a\n- address: 10.77.3.1\n  path: x";
    expect(pathIn("t.yml", text, "10.77.2.9")).toBe("ams1/rack1");
    expect(pathIn("t.yml", text, "10.77.3.1")).toBe("x");
  });

  it("keeps names as they are written, numbers and booleans too", () => {
    const text = "10.77.1.0/24: 012\n10.77.2.0/24: [1.0, true]\n";
    expect(pathIn("t.yaml", text, "10.77.1.1")).toBe("012");
    expect(pathIn("t.yaml", text, "10.77.2.1")).toBe("1.0/true");
  });

  it("lists every fault at once with its line", () => {
    const text =
      "10.0.0.0/8: a\n10.0.0.0/33: a\n10.1.0.0/16:\n10.2.0.0/16: {a: b}\n10.0.0.0/8: b\n10.3.0.0/16: [a/b]\n";
    expect(faultsOf("t.yaml", text)).toEqual([
      "2 10.0.0.0/33: has no prefix length from 0 to 32 after the slash",
      "3 10.1.0.0/16:: has no path that is text or a list of names",
      "4 10.2.0.0/16: {a: b}: has no path that is text or a list of names",
      "5 10.0.0.0/8: is given two places: b here and a at t.yaml:1",
      "6 a/b: has a slash within a level's name",
    ]);
  });

  it("names the line of list items that are no prefix with its path", () => {
    expect(faultsOf("t.yaml", "- prefix: 10.0.0.0/8\n- rack1\n- path: a\n")).toEqual([
      "1 prefix: 10.0.0.0/8: has no path that is text or a list of names",
      "2 rack1: is not a prefix with its path",
      "3 path: a: has no prefix",
    ]);
  });

  it("names the line of a syntax error", () => {
    expect(faultsOf("t.yaml", "10.0.0.0/8: a\n10.1.0.0/16: [a\n10.2.0.0/16: b\n")[0]).toMatch(/^[23] .*is not YAML: /);
    expect(faultsOf("t.yaml", "10.0.0.0/8: *nowhere\n")).toHaveLength(1);
    expect(faultsOf("t.yaml", "rack1")).toEqual(["1 rack1: is neither a mapping nor a list"]);
  });

  it("refuses a text that is nested beyond reason instead of breaking on it", () => {
    expect(() => load("t.yaml", "[".repeat(100_000))).toThrow(TopologyError);
  });
});
