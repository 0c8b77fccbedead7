import { describe, expect, it } from "vitest";
import { createLiveLine } from "./live-line.ts";
import { createLiveView } from "./live-view.ts";
import { loopbackNotice } from "./notices.ts";
import { createPaper } from "./paper.ts";
import { createProgress } from "./progress.ts";
import { escaped } from "./escaping.ts";
import { formatTable, type Column } from "./table.ts";
import { createTerminal } from "./terminal.ts";
import { hanging, wrapped } from "./wrapping.ts";
import { formatBytes, formatClock, formatSeconds, formatShare, formatTime } from "./units.ts";

const paper = (isTTY: boolean) => createPaper({ isTTY, columns: 40, rows: 5 });

const ESCAPE = "\u001b";

describe("output off a terminal", () => {
  it("has no escape sequence, whatever is printed", () => {
    const [out, err] = [paper(false), paper(false)];
    const terminal = createTerminal(out, err, { FORCE_COLOR: "1", CI: "true" });
    terminal.print(formatTable([{ head: "A", cell: String }], ["x"], terminal.colors));
    createLiveView(out).show("view");
    const line = createLiveLine(err);
    line.show("line");
    line.close();
    const progress = createProgress(err, "Hashing");
    progress.update(1, 2);
    progress.close();
    expect(out.written + err.written).not.toContain(ESCAPE);
  });

  it("prints a live view again only when it changed", () => {
    const out = paper(false);
    const view = createLiveView(out);
    for (const text of ["0 %", "0 %", "50 %"]) view.show(text);
    expect(out.written).toBe("0 %\n50 %\n");
  });

  it("prints progress as a line now and then", () => {
    const err = paper(false);
    let now = 0;
    const progress = createProgress(err, "Hashing", () => now);
    for (now = 0; now <= 25_000; now += 1000) progress.update(now, 100_000);
    expect(err.written).toMatch(/^Hashing 10 %: 9.8 KiB of 97.7 KiB, 1000 B\/s, 1 min 30 s left\nHashing 20 %.*\n$/);
  });

  it("prints JSON on one line, so that each is a record", () => {
    const out = paper(false);
    createTerminal(out, paper(false), {}).printJson({ a: [1, 2] });
    expect(out.written).toBe('{"a":[1,2]}\n');
  });
});

describe("output on a terminal", () => {
  it("redraws a view over the one before, and shows no more than fits", () => {
    const out = paper(true);
    const view = createLiveView(out);
    view.show("1\n2\n3\n4\n5\n6");
    view.show("done");
    expect(out.written).toBe(`${ESCAPE}[0J1\n2\n3\n4\n${ESCAPE}[4A\r${ESCAPE}[0Jdone\n`);
  });

  it("shows how fast the work is and how long the rest takes, once that can be said", () => {
    const err = { ...paper(true), columns: 80 };
    let now = 0;
    const progress = createProgress(err, "Hashing", () => now);
    progress.update(1, 2 ** 30);
    expect(err.written).toMatch(/░ 0 % of 1 GiB$/);
    now = 2000;
    progress.update(2 ** 29, 2 ** 30);
    expect(err.written).toMatch(/█{10}░{10} 50 % of 1 GiB, 256 MiB\/s, 2\.0 s left$/);
  });

  it("leaves nothing of a progress bar behind", () => {
    const err = paper(true);
    const progress = createProgress(err, "Hashing");
    progress.update(2, 2);
    progress.close();
    expect(err.written).toContain("100 %");
    expect(err.written.endsWith(`\r${ESCAPE}[2K`)).toBe(true);
  });

  it("has colours unless NO_COLOR is set", () => {
    const head = (env: NodeJS.ProcessEnv) => createTerminal(paper(true), paper(true), env).colors.bold("x");
    expect(head({})).toContain(ESCAPE);
    expect(head({ NO_COLOR: "1" })).toBe("x");
  });
});

describe("tables", () => {
  it("align columns, and let no name of another's making break a line or reach the terminal's commands", () => {
    const columns: Column<{ name: string; size: string }>[] = [
      { head: "NAME", cell: ({ name }) => name },
      { head: "SIZE", align: "right", cell: ({ size }) => size },
    ];
    const rows = [
      { name: "a\nb\u001b[2J", size: "1" },
      { name: "longer name", size: "100" },
    ];
    const { colors } = createTerminal(paper(false), paper(false), {});
    expect(formatTable(columns, rows, colors)).toBe("NAME         SIZE\na�b�[2J         1\nlonger name   100");
  });
});

describe("names in messages", () => {
  it("show what would break a line or command the terminal as escapes, and nothing else", () => {
    expect(escaped("a\nb\r\u001b[2J\u009bK\u2028c")).toBe("a\\nb\\x0d\\x1b[2J\\x9bK\\x2028c");
    expect(escaped("naïve résumé, 日本.txt")).toBe("naïve résumé, 日本.txt");
  });
});

describe("sentences", () => {
  it("are broken at spaces into lines that fit, the later ones indented", () => {
    expect(wrapped("one two three", 8)).toBe("one two\nthree");
    expect(hanging("a  ", "one two three", { columns: 9, leadColumns: 3 })).toBe("a  one\n   two\n   three");
    expect(wrapped("indivisible word", 4)).toBe("indivisible\nword");
  });
});

describe("units", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [64 * 2 ** 20, "64 MiB"],
    [5 * 2 ** 40, "5 TiB"],
  ])("%i bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it("never round up to the whole", () => expect(formatShare(0.9999)).toBe("99 %"));

  it("show times and durations as people write them", () => {
    expect(formatSeconds(2.5)).toBe("2.5 s");
    expect(formatSeconds(61)).toBe("1 min 1 s");
    expect(formatSeconds(7260)).toBe("2 h 1 min");
    expect(formatTime("2026-01-02T03:04:05.678Z")).toBe("2026-01-02 03:04:05Z");
    expect(formatTime(null)).toBe("-");
    expect([9.9, 61, 7269].map(formatClock)).toEqual(["9.9 s", "1:01", "2:01:09"]);
  });
});

describe("the notice of an announce URL on loopback", () => {
  it("is given when other hosts are meant, or may be", () => {
    expect(loopbackNotice("http://127.0.0.1:6969/announce")).toMatch(/--announce/);
    expect(loopbackNotice("http://localhost:6969/announce", ["10.0.0.1"])).toMatch(/--announce/);
    expect(loopbackNotice("http://[::1]:6969/announce")).toMatch(/--announce/);
  });

  it("is not given for a demo on one machine, or for a URL others reach", () => {
    expect(loopbackNotice("http://127.0.0.1:6969/announce", ["127.0.1.1", "::1"])).toBeUndefined();
    expect(loopbackNotice("http://10.0.0.1:6969/announce")).toBeUndefined();
  });
});
