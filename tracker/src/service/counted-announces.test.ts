import { expect, it } from "vitest";
import { announceFrom, announceServiceOver, INFO_HASH } from "../../../tests/support/announce-service.ts";
import type { Circumstances, CountedAnnounce } from "../accounting/report-batch.ts";

const START = 1_700_000_000_000;
const PATHS = new Map([
  ["10.0.1.1", ["rack1"]],
  ["10.0.2.1", ["rack2"]],
]);
const RESOLVER = {
  name: "test",
  reload: async () => {},
  close: async () => {},
  locate: (address: string) => {
    const path = PATHS.get(address);
    return path && { path, resolver: "test" };
  },
};

interface Noted {
  readonly announce: Pick<CountedAnnounce, "infoHash" | "event" | "downloaded">;
  readonly about: Circumstances;
}

interface Counting {
  readonly isBehind?: boolean;
  readonly recorded?: Promise<void>;
  readonly user?: string;
}

function countingService({ isBehind = false, recorded, user = "" }: Counting = {}) {
  const noted: Noted[] = [];
  const accounting = {
    note({ infoHash, event, downloaded }: CountedAnnounce, about: Circumstances) {
      noted.push({ announce: { infoHash, event, downloaded }, about });
      return recorded;
    },
    isBehind: () => isBehind,
  };
  const parts = {
    resolver: RESOLVER,
    unknownRack: "refuse",
    accounting,
    identify: () => user,
    now: () => START,
  } as const;
  return { noted, ...announceServiceOver(parts) };
}

it("notes an accepted announce, with the rack of its host", () => {
  const { service, noted } = countingService();
  void service.announce(announceFrom("10.0.2.1", { downloaded: 5 }));
  expect(noted).toEqual([
    {
      announce: { infoHash: INFO_HASH, event: "none", downloaded: 5 },
      about: { user: "", rack: "rack2", reportedAt: START, isUnserved: false },
    },
  ]);
});

it("notes the user that its key was issued to", () => {
  const { service, noted } = countingService({ user: "web" });
  void service.announce(announceFrom("10.0.2.1"));
  expect(noted.map(({ about }) => about.user)).toEqual(["web"]);
});

it("notes none of those it refuses", () => {
  const { service, noted } = countingService();
  void service.announce(announceFrom("10.0.9.9"));
  void service.announce(announceFrom("10.0.1.1", { key: "a" }));
  void service.announce(announceFrom("10.0.2.1", { peerId: announceFrom("10.0.1.1").peerId, key: "b" }));
  expect(noted.map(({ about }) => about.rack)).toEqual(["rack1"]);
});

it("answers when the report is recorded, where that is waited for, with the peers of when it came", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { service } = countingService({ recorded: promise });
  const answers: string[] = [];
  const first = Promise.resolve(service.announce(announceFrom("10.0.1.1", { left: 0 })));
  const second = Promise.resolve(service.announce(announceFrom("10.0.1.1", { left: 0 })));
  void first.then(() => answers.push("first"));
  void second.then(() => answers.push("second"));
  await new Promise(setImmediate);
  expect(answers).toEqual([]);
  resolve();
  expect((await first).kind).toBe("peers");
  await second;
  expect(answers).toEqual(["first", "second"]);
});

it("tells clients to come less often while accounting does not keep up", async () => {
  const [usual, slowed] = [countingService(), countingService({ isBehind: true })];
  const seconds = [usual, slowed].map(({ service }) => {
    const reply = service.announce(announceFrom("10.0.1.1"));
    return reply instanceof Promise || reply.kind !== "peers" ? Number.NaN : reply.intervalSeconds;
  });
  expect(seconds[0]).toBeLessThan(20);
  expect(seconds[1]).toBeGreaterThan(200);
});

it("counts on for clients of a transfer that is no longer served, and of none that nobody knows", () => {
  const { service, noted, transfers } = countingService();
  transfers.deactivate();
  void service.announce(announceFrom("10.0.1.1", { downloaded: 7, event: "stopped" }));
  void service.announce(announceFrom("10.0.1.1", { event: "started" }));
  transfers.forget();
  void service.announce(announceFrom("10.0.1.1", { downloaded: 9 }));
  expect(noted).toEqual([
    {
      announce: { infoHash: INFO_HASH, event: "stopped", downloaded: 7 },
      about: { user: "", rack: "", reportedAt: START, isUnserved: true },
    },
  ]);
});
