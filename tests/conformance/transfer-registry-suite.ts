// What every TransferRegistry must hold; run by the SQLite registry and by any other one.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type HostReport, MOST_REPORTS } from "../../tracker/src/registry/host-reports.ts";
import type { Registry } from "../../tracker/src/registry/registry.ts";
import type { TransferContent } from "../../tracker/src/registry/transfer-registry.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { eachInNewHome, type RegistryHome, type Start } from "./registry-home.ts";

const NOW = 1_700_000_000_000;
const LISTS = { origins: ["10.0.0.1"], targets: ["10.0.1.1", "2001:db8::5"] };

export function transferRegistrySuite(name: string, createHome: () => RegistryHome | Promise<RegistryHome>): void {
  describe(`${name}: transfer registry`, () => {
    const { start, restart } = eachInNewHome(createHome);
    registrationTests(start);
    nameTests(start);
    stateTests(start);
    reportTests(start, restart);
    progressTests(start, restart);
    persistenceTests(start, restart);
  });
}

function registrationTests(start: Start): void {
  it("registers a torrent with what its info says, not yet active, with no lists and no past", async () => {
    const registry = await start();
    const { transfer, created } = await registry.register(APP, NOW);
    expect(created).toBe(true);
    const { torrent: _, ...described } = APP;
    expect(transfer).toMatchObject({ ...described, state: "registered", origins: [], targets: [], registeredAt: NOW });
    for (const time of ["activatedAt", "deactivatedAt", "firstStartedAt", "lastStartedAt", "firstCompletedAt"] as const)
      expect(transfer[time]).toBeUndefined();
  });

  it("gives the torrent back byte for byte, and nothing for one it does not know", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    expect(Buffer.from((await registry.torrent(APP.infoHash))!)).toEqual(APP.torrent);
    expect(await registry.torrent(OTHER.infoHash)).toBeUndefined();
  });

  it("returns a transfer that is registered again as it is, with its first torrent", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    const active = await registry.activate(APP.infoHash, LISTS, NOW + 1);
    const again = await registry.register({ ...APP, torrent: Buffer.from("d3:new4:filee") }, NOW + 2);
    expect(again).toEqual({ transfer: active, created: false });
    expect(Buffer.from((await registry.torrent(APP.infoHash))!)).toEqual(APP.torrent);
  });

  it("counts one of many registrations of the same torrent at once as the one that created it", async () => {
    const registry = await start();
    const all = await Promise.all(Array.from({ length: 20 }, () => registry.register(APP, NOW)));
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(await registry.list()).toHaveLength(1);
  });

  it("lists transfers in order of registration", async () => {
    const registry = await start();
    const names = ["c", "a", "b"];
    for (const [index, name] of names.entries()) await registry.register(content(name, name), NOW + index);
    expect((await registry.list()).map((transfer) => transfer.name)).toEqual(names);
  });
}

function nameTests(start: Start): void {
  it("refuses a name that a registered or an active transfer has, names the holder and keeps nothing of the refused", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    const refused = { code: "NAME_TAKEN", message: expect.stringMatching(/"app".*deactivate/) as string };
    await expect(registry.register(SAME_NAME, NOW)).rejects.toMatchObject(refused);
    await registry.activate(APP.infoHash, {}, NOW);
    await expect(registry.register(SAME_NAME, NOW)).rejects.toThrow(APP.infoHash);
    expect(registry.lookup(SAME_NAME.infoHash)).toBeUndefined();
    expect(await registry.torrent(SAME_NAME.infoHash)).toBeUndefined();
    expect(await registry.list()).toHaveLength(1);
  });

  it("lets only one of two contents have a name when both come at once", async () => {
    const registry = await start();
    const both = await Promise.allSettled([registry.register(APP, NOW), registry.register(SAME_NAME, NOW)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("gives the name of an inactive transfer to another", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.deactivate(APP.infoHash, NOW);
    expect(await registry.register(SAME_NAME, NOW)).toMatchObject({ created: true });
  });

  it("takes an inactive transfer back by activating or registering it only while its name is free", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.deactivate(APP.infoHash, NOW);
    await registry.register(SAME_NAME, NOW);
    await expect(registry.activate(APP.infoHash, {}, NOW)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    await expect(registry.register(APP, NOW)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect(registry.lookup(APP.infoHash)?.state).toBe("inactive");
    await registry.deactivate(SAME_NAME.infoHash, NOW);
    expect(await registry.activate(APP.infoHash, {}, NOW)).toMatchObject({ state: "active", deactivatedAt: undefined });
  });
}

function stateTests(start: Start): void {
  it("activates with the lists given, and looks the transfer up so at once", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    const active = await registry.activate(APP.infoHash, LISTS, NOW + 1);
    expect(active).toMatchObject({ ...LISTS, state: "active", activatedAt: NOW + 1 });
    expect(registry.lookup(APP.infoHash)).toBe(active);
  });

  it("replaces lists that are given again and keeps those left out, without a new activation", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, LISTS, NOW);
    const changed = await registry.activate(APP.infoHash, { targets: [] }, NOW + 5);
    expect(changed).toMatchObject({ origins: LISTS.origins, targets: [], activatedAt: NOW });
  });

  it("activates an active transfer anew only when that is asked for", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, LISTS, NOW);
    const renewed = await registry.activate(APP.infoHash, { targets: [], renew: true }, NOW + 5);
    expect(renewed).toMatchObject({ state: "active", origins: LISTS.origins, targets: [], activatedAt: NOW + 5 });
    expect(registry.lookup(APP.infoHash)).toEqual(renewed);
    expect(await registry.activate(APP.infoHash, { renew: false }, NOW + 6)).toEqual(renewed);
  });

  it("looks up the same object until the transfer changes", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    const active = await registry.activate(APP.infoHash, LISTS, NOW);
    await registry.activate(APP.infoHash, { origins: [...LISTS.origins] }, NOW + 1);
    await registry.register(OTHER, NOW);
    expect(registry.lookup(APP.infoHash)).toBe(active);
    await registry.activate(APP.infoHash, { origins: [] }, NOW + 2);
    expect(registry.lookup(APP.infoHash)).not.toBe(active);
  });

  it("deactivates once, however often it is told", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, LISTS, NOW);
    await registry.deactivate(APP.infoHash, NOW + 1);
    expect(await registry.deactivate(APP.infoHash, NOW + 2)).toMatchObject({
      state: "inactive",
      deactivatedAt: NOW + 1,
    });
  });

  it("makes an inactive transfer that is registered again registered, with the torrent given now", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, LISTS, NOW);
    await registry.deactivate(APP.infoHash, NOW);
    const torrent = Buffer.from("d8:announce3:new4:infod4:name3:appee");
    const { transfer, created } = await registry.register({ ...APP, torrent }, NOW + 9);
    expect(created).toBe(false);
    expect(transfer).toMatchObject({ state: "registered", activatedAt: undefined, deactivatedAt: undefined });
    expect(Buffer.from((await registry.torrent(APP.infoHash))!)).toEqual(torrent);
  });

  it("refuses to change the state of a transfer it does not know", async () => {
    const registry = await start();
    const unknown = { code: "TRANSFER_UNKNOWN", message: expect.stringContaining(APP.infoHash) as string };
    await expect(registry.activate(APP.infoHash, {}, NOW)).rejects.toMatchObject(unknown);
    await expect(registry.deactivate(APP.infoHash, NOW)).rejects.toMatchObject(unknown);
  });
}

function reportTests(start: Start, restart: Start): void {
  const verified = (address: string, reportedAt: number): HostReport => ({
    address,
    state: "verified",
    code: undefined,
    message: undefined,
    reportedAt,
  });
  const FAILED = { state: "failed", code: "DISK_FULL", message: 'no space on "/var" – 3 MiB are missing' } as const;

  async function startActive(): Promise<Registry> {
    const registry = await start();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, {}, NOW);
    return registry;
  }

  it("keeps the latest report of each host on each transfer, in order of time", async () => {
    const { reports, ...registry } = await startActive();
    await registry.register(OTHER, NOW);
    await registry.activate(OTHER.infoHash, {}, NOW);
    await reports.put(APP.infoHash, { ...verified("10.0.1.1", NOW + 1), ...FAILED });
    await reports.put(APP.infoHash, verified("2001:db8::5", NOW + 2));
    await reports.put(OTHER.infoHash, verified("10.0.1.1", NOW + 3));
    expect(await reports.find(APP.infoHash, "10.0.1.1")).toEqual({ ...verified("10.0.1.1", NOW + 1), ...FAILED });
    await reports.put(APP.infoHash, verified("10.0.1.1", NOW + 4));
    const latest = [verified("2001:db8::5", NOW + 2), verified("10.0.1.1", NOW + 4)];
    expect(await reports.list(APP.infoHash)).toEqual(latest);
    expect(await reports.list(OTHER.infoHash)).toEqual([verified("10.0.1.1", NOW + 3)]);
    expect(await reports.find(APP.infoHash, "10.0.1.2")).toBeUndefined();
  });

  it("keeps the reports of many hosts at once, and through being closed and opened again", async () => {
    const registry = await startActive();
    const hosts = Array.from({ length: 300 }, (_, at) => verified(`10.0.1.${at}`, NOW + at));
    await Promise.all(hosts.map(async (report) => registry.reports.put(APP.infoHash, report)));
    await registry.reports.put(APP.infoHash, { ...verified("10.0.2.1", NOW + 999), ...FAILED });
    const all = [...hosts, { ...verified("10.0.2.1", NOW + 999), ...FAILED }];
    expect(await registry.reports.list(APP.infoHash)).toEqual(all);
    expect(await (await restart()).reports.list(APP.infoHash)).toEqual(all);
  });

  it("keeps reports on what is active alone: they end with it, and before and after there are none", async () => {
    const registry = await start();
    const refused = { code: "TRANSFER_NOT_ACTIVE", message: expect.stringMatching(/activate it/) as string };
    const report = async () => registry.reports.put(APP.infoHash, verified("10.0.1.1", NOW));
    await expect(report()).rejects.toMatchObject(refused);
    await registry.register(APP, NOW);
    await expect(report()).rejects.toMatchObject(refused);
    await registry.activate(APP.infoHash, {}, NOW);
    await report();
    await registry.deactivate(APP.infoHash, NOW + 1);
    await expect(report()).rejects.toMatchObject(refused);
    await registry.activate(APP.infoHash, {}, NOW + 2);
    expect(await registry.reports.list(APP.infoHash)).toEqual([]);
    expect(await (await restart()).reports.find(APP.infoHash, "10.0.1.1")).toBeUndefined();
  });

  it("takes reports of as many hosts as there may be targets, and then of those alone", async () => {
    const registry = await startActive();
    const hosts = Array.from({ length: MOST_REPORTS }, (_, at) => verified(`fd00::${at}`, NOW));
    while (hosts.length > 0)
      await Promise.all(hosts.splice(-5000).map(async (report) => registry.reports.put(APP.infoHash, report)));
    const refused = { code: "REPORTS_FULL", message: expect.stringMatching(/activate it anew/) as string };
    await expect(registry.reports.put(APP.infoHash, verified("10.0.1.1", NOW))).rejects.toMatchObject(refused);
    await registry.reports.put(APP.infoHash, verified("fd00::7", NOW + 1));
    expect(await registry.reports.find(APP.infoHash, "fd00::7")).toMatchObject({ reportedAt: NOW + 1 });
  });

  it("leaves no report behind when a transfer ends while hosts report on it", async () => {
    const registry = await startActive();
    const hosts = Array.from({ length: 20 }, async (_, at) =>
      registry.reports.put(APP.infoHash, verified(`10.0.1.${at}`, NOW)),
    );
    await Promise.allSettled([...hosts, registry.deactivate(APP.infoHash, NOW + 1)]);
    expect(await registry.reports.list(APP.infoHash)).toEqual([]);
    expect(await (await restart()).reports.list(APP.infoHash)).toEqual([]);
  });
}

function progressTests(start: Start, restart: Start): void {
  it("keeps when peers started and completed for the first and the last time", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    for (const seconds of [1, 2, 3]) registry.noteProgress(APP.infoHash, "started", NOW + seconds);
    registry.noteProgress(APP.infoHash, "completed", NOW + 4);
    expect((await registry.list())[0]).toMatchObject({
      firstStartedAt: NOW + 1,
      lastStartedAt: NOW + 3,
      firstCompletedAt: NOW + 4,
      lastCompletedAt: NOW + 4,
    });
    registry.noteProgress(APP.infoHash, "completed", NOW + 5);
    expect(await registry.activate(APP.infoHash, {}, NOW + 6)).toMatchObject({
      firstCompletedAt: NOW + 4,
      lastCompletedAt: NOW + 5,
    });
  });

  it("shows within a second what was noted, with nobody asking for it", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    registry.noteProgress(APP.infoHash, "started", NOW + 1);
    await expect.poll(() => registry.lookup(APP.infoHash)?.firstStartedAt, { timeout: 1500 }).toBe(NOW + 1);
  });

  it("writes what was noted last before it closes", async () => {
    const registry = await start();
    await registry.register(APP, NOW);
    registry.noteProgress(APP.infoHash, "started", NOW + 1);
    registry.noteProgress(APP.infoHash, "completed", NOW + 2);
    const reopened = await restart();
    expect(reopened.lookup(APP.infoHash)).toMatchObject({ firstStartedAt: NOW + 1, firstCompletedAt: NOW + 2 });
  });

  it("drops notes on a transfer it does not know", async () => {
    const registry = await start();
    registry.noteProgress(APP.infoHash, "started", NOW);
    expect(await registry.list()).toEqual([]);
  });
}

function persistenceTests(start: Start, restart: Start): void {
  it("survives being closed and opened again: transfers, lists, times, torrents, order and names", async () => {
    const registry = await start();
    await registry.register(OTHER, NOW);
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, LISTS, NOW + 1);
    registry.noteProgress(APP.infoHash, "started", NOW + 2);
    await registry.deactivate(OTHER.infoHash, NOW + 3);
    const before = await registry.list();
    const reopened = await restart();
    expect(await reopened.list()).toEqual(before);
    expect(reopened.lookup(APP.infoHash)).toEqual(before[1]);
    expect(Buffer.from((await reopened.torrent(APP.infoHash))!)).toEqual(APP.torrent);
    await expect(reopened.register(SAME_NAME, NOW)).rejects.toMatchObject({ code: "NAME_TAKEN" });
  });
}

function content(name: string, payload: string): TransferContent {
  const torrent = Buffer.from(`d4:infod4:name${name.length}:${name}7:payload${payload.length}:${payload}ee`);
  const infoHash = createHash("sha1").update(torrent).digest("hex") as InfoHash;
  return { infoHash, name, lengthBytes: 2 ** 40, pieceLengthBytes: 2 ** 22, fileCount: 3, torrent };
}

const APP = content("app", "one");
const SAME_NAME = content("app", "two");
const OTHER = content("other", "one");
