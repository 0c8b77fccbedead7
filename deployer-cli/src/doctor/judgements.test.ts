import { describe, expect, it } from "vitest";
import type { Finding } from "./check.ts";
import { judgeDiscovery } from "./client-discovery.ts";
import { importedFile, judgeSchedule } from "./client-schedule.ts";
import { judgeSocket } from "./client-socket.ts";
import { judgeVersion } from "./client-version.ts";
import { judgeClock } from "./clock-skew.ts";
import { judgeDirectory, parseProcessUser } from "./download-directory.ts";
import { judgeHttpAnnounce } from "./http-announce.ts";
import { judgeOpenFiles } from "./open-files.ts";
import { judgeNode } from "./programs.ts";
import { judgeRedis } from "./redis.ts";
import { parseReply, printCommand } from "./redis-conversation.ts";
import { judgeBreakers } from "./resolver-breakers.ts";
import { judgeSmdb } from "./smdb.ts";
import { judgeReadiness } from "./tracker-ready.ts";

/** What is not all right says what to do. */
function told({ status, seen, remedy }: Finding): string {
  if (status === "warning" || status === "failed") expect(remedy).toBeTruthy();
  return `${status}: ${seen}`;
}

describe("the tracker's clock", () => {
  const at = (offsetSeconds: number) => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5, 500);
    return told(
      judgeClock(new Date(now + offsetSeconds * 1000).toUTCString(), { askedAt: now, answeredAt: now + 100 }),
    );
  };

  it.each([
    [0, /^ok/],
    [-1, /^ok/],
    [4, /^warning: the tracker's clock is 3\.\d s ahead/],
    [-4, /^warning: the tracker's clock is 3\.\d s behind/],
    [-60, /^failed: the tracker's clock is 59\.\d s behind/],
  ])("that is %i s off is told", (seconds, expected) => expect(at(seconds)).toMatch(expected));

  it("is skipped where nobody tells it", () => {
    expect(told(judgeClock(null, { askedAt: 0, answeredAt: 0 }))).toMatch(/^skipped/);
  });
});

describe("what answers in a tracker's place", () => {
  it("is named when it is none, and the parts that are away when it is one", () => {
    const body = JSON.stringify({ status: "unready", checks: { store: "failed; see the log", registry: "ok" } });
    expect(told(judgeReadiness("http://t", 503, body))).toBe("failed: http://t is not ready: store");
    expect(told(judgeReadiness("http://t", 404, "<html>"))).toMatch(
      /^failed: .* is no Rackcast tracker \(status 404\)/,
    );
    expect(told(judgeReadiness("http://t", 200, '{"status":"ready","checks":{"store":"ok"}}'))).toMatch(/^ok/);
  });

  it.each([
    ["d14:failure reason64:unknown transfer: publish its torrent to this tracker firste", /^ok/],
    ["d14:failure reason38:announce key missing; issue one with …e", /^ok/],
    ["d8:intervali300e12:min intervali300e5:peers0:e", /^ok/],
    ["d14:failure reason11:not allowede", /^warning: .* refuses this machine: not allowed/],
    ["<html>", /^failed: .* no tracker's reply/],
  ])("to an announce is read: %s", (body, expected) => {
    expect(told(judgeHttpAnnounce("http://t/announce", 200, body))).toMatch(expected);
  });

  it("has a resolver that is left alone, or tells that to others only", () => {
    const gauge = (state: number) => `rackcast_topology_breaker_state{resolver="rest"} ${state}\n`;
    expect(told(judgeBreakers(200, gauge(0)))).toMatch(/^ok/);
    expect(told(judgeBreakers(200, gauge(2)))).toMatch(/^warning: rest failed too often/);
    expect(told(judgeBreakers(401, ""))).toMatch(/^skipped/);
  });
});

describe("rtorrent", () => {
  it.each([
    ["0.9.7", /^warning: .* never tried/],
    ["0.9.8", /^ok/],
    ["0.15.1", /^ok/],
    ["0.16.2", /^warning: .* 300 s/],
  ])("%s is told with what is known of it", (version, expected) => {
    expect(told(judgeVersion(version, "0.13.8"))).toMatch(expected);
  });

  it("finds peers by the tracker alone, or is told by what else", () => {
    expect(told(judgeDiscovery({ pex: false, dht: "disable", udpTrackers: false }))).toMatch(/^ok/);
    expect(told(judgeDiscovery({ pex: true, dht: "auto", udpTrackers: true }))).toMatch(
      /^failed: it uses PEX.*DHT, which is auto.*UDP/,
    );
  });

  it.each([
    ['schedule2 = rackcast_announce, 2, 2, "d.multicall2=leeching,d.tracker_announce="', /^ok: .* every 2 s/],
    ['schedule2 = x, 1, 1, "d.multicall2=main,d.tracker_announce="', /^failed: .* ends itself/],
    ['schedule2 = x, 2, 600, "d.multicall2=main,d.tracker_announce="', /^failed: .* too seldom/],
    ['# schedule2 = x, 2, 2, "d.tracker_announce="', /^failed: .* no announce schedule/],
  ])("announces by schedule, or not: %s", (line, expected) => {
    expect(told(judgeSchedule("rc", `a = 1\n${line}\n`))).toMatch(expected);
  });

  it("is asked for the file that its command line names", () => {
    expect(importedFile(["rtorrent", "-n", "-o", "import=/etc/rackcast/rtorrent.rc", ""])).toBe(
      "/etc/rackcast/rtorrent.rc",
    );
    expect(importedFile(["rtorrent"])).toBeUndefined();
  });

  it("has a socket that nobody else may write to", () => {
    expect(told(judgeSocket("s", 0o140_755))).toMatch(/^ok/);
    expect(told(judgeSocket("s", 0o140_777))).toMatch(/^failed: s may be written to by anybody \(0777\)/);
  });

  it("has as many files as it may need", () => {
    const limits = (soft: string) =>
      `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}      4096      files\n`;
    expect(told(judgeOpenFiles("rtorrent", 864, limits("1024")))).toMatch(/^ok/);
    expect(told(judgeOpenFiles("rtorrent", 864, limits("unlimited")))).toMatch(/^ok/);
    expect(told(judgeOpenFiles("rtorrent", 864, limits("256")))).toMatch(/^failed: rtorrent may open 256 files/);
    expect(told(judgeOpenFiles("rtorrent", 864, undefined))).toMatch(/^skipped/);
  });
});

describe("where payloads are stored", () => {
  const user = parseProcessUser(
    "Name:\trtorrent\nUid:\t9\t1000\t1000\t1000\nGid:\t8\t1000\t1000\t1000\nGroups:\t20 30 \n",
  );
  const folder = { path: "/srv", freeBytes: 2 ** 40, sizeBytes: 2 ** 41, mode: 0o40755, uid: 0, gid: 30 };

  it("belongs to the client's user, its group, or everybody", () => {
    expect(user).toEqual({ uid: 1000, gids: [1000, 20, 30] });
    expect(told(judgeDirectory(folder, user))).toMatch(/^failed: rtorrent \(user 1000\) may not write to \/srv/);
    for (const right of [{ uid: 1000 }, { mode: 0o40775 }, { gid: 1, mode: 0o40777 }]) {
      expect(told(judgeDirectory({ ...folder, ...right }, user))).toMatch(/^ok/);
    }
    expect(told(judgeDirectory(folder, { uid: 0, gids: [0] }))).toMatch(/^ok/);
  });

  it("has room", () => {
    expect(told(judgeDirectory({ ...folder, freeBytes: 2 ** 29 }, undefined))).toMatch(/^warning: .* 512 MiB free/);
    expect(told(judgeDirectory({ ...folder, freeBytes: 0 }, undefined))).toMatch(/^failed: \/srv is full/);
  });
});

describe("a Redis", () => {
  const info = (more: Readonly<Record<string, string>>): string => {
    const all = {
      redis_version: "7.0.15",
      role: "master",
      maxmemory: "0",
      maxmemory_policy: "noeviction",
      aof_enabled: "1",
    };
    return Object.entries({ ...all, ...more })
      .map(([name, value]) => `${name}:${value}\r\n`)
      .join("");
  };

  it.each([
    [{}, /^ok/],
    [{ redis_version: "6.0.16" }, /^failed: r is 6\.0\.16/],
    [{ role: "slave" }, /^failed: r is a read-only replica/],
    [{ maxmemory: "5", maxmemory_policy: "allkeys-lru" }, /^failed: r evicts keys: allkeys-lru/],
    [{ maxmemory_policy: "allkeys-lru" }, /^warning/],
    [{ aof_enabled: "0" }, /^warning: r keeps writes in memory only/],
  ])("is judged as a tracker would at its start: %j", (more, expected) => {
    expect(told(judgeRedis("r", info(more)))).toMatch(expected);
  });

  it("is asked in its protocol, and heard once a reply is whole", () => {
    expect(printCommand("AUTH", "é")).toBe("*2\r\n$4\r\nAUTH\r\n$2\r\né\r\n");
    expect(parseReply(Buffer.from("+PONG\r\n$2"))).toEqual({ text: "PONG", length: 7 });
    expect(parseReply(Buffer.from("$5\r\na\r\nb"))).toBeUndefined();
    expect(parseReply(Buffer.from("$4\r\na\r\nb\r\n"))).toEqual({ text: "a\r\nb", length: 10 });
    expect(() => parseReply(Buffer.from("-NOAUTH no\r\n"))).toThrow("NOAUTH no");
  });
});

describe("an SMDB", () => {
  it.each([
    [200, '{"web1":{"cabinet":"rack1"}}', 0.1, /^ok: .* rack1/],
    [200, '{"web1":{"cabinet":"rack1"}}', 3, /^warning: .* after 3\.0 s/],
    [200, "{}", 0, /^failed: .* no server's cabinet/],
    [404, "", 0, /^warning: .* no such host/],
    [401, "", 0, /^warning: .* credentials/],
    [500, "", 0, /^failed: .* status 500/],
  ])("that answers with %i %s after %d s is told", (status, body, seconds, expected) => {
    expect(told(judgeSmdb("u", { status, body, seconds }))).toMatch(expected);
  });
});

it("tells a Node.js that is too old", () => {
  expect([judgeNode("24.0.0"), judgeNode("25.1.0"), judgeNode("20.19.1")].map(({ status }) => status)).toEqual([
    "ok",
    "ok",
    "failed",
  ]);
});
