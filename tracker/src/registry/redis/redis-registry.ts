// The registry that trackers share: transfers in Redis, mirrored in memory for the announce path.
import type { RedisClient } from "../../redis/redis-connection.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import { RegistryError, transferUnknown } from "../errors.ts";
import { createProgressNotes, type ProgressNote } from "../progress-notes.ts";
import type { Registry } from "../registry.ts";
import type { Transfer, TransferContent } from "../transfer-registry.ts";
import { activated, deactivated, isInService, registered } from "../transitions.ts";
import { createReport, startFollowing } from "./following.ts";
import { createNameClaims } from "./name-claims.ts";
import { openRedisAnnounceKeys } from "./redis-announce-keys.ts";
import { createRedisAudit } from "./redis-audit.ts";
import { openRedisBans } from "./redis-bans.ts";
import { createRedisReports } from "./redis-reports.ts";
import { checkTypes, createRegistryAccess } from "./registry-access.ts";
import { REGISTRY_KEYS } from "./registry-keys.ts";
import type { StoredTransfer } from "./transfer-hash.ts";
import { createTransferIndex } from "./transfer-index.ts";
import { openTransferMirror } from "./transfer-mirror.ts";
import { createTransferRecords } from "./transfer-records.ts";

export interface RedisRegistryOptions {
  readonly client: RedisClient;
  /** Hears of what failed with nobody waiting for it; it is tried again. */
  readonly log?: { error(details: object, message: string): void } | undefined;
}

/** How far trackers may be behind each other's changes. */
const FOLLOW_EVERY_MS = 200;
const MOST_ATTEMPTS = 50;

/** Throws `REGISTRY_AWAY` and `REGISTRY_FOREIGN`. While Redis is away, lookups are answered as they were last. */
export async function openRedisRegistry({ client, log }: RedisRegistryOptions): Promise<Registry> {
  await checkTypes(client, Object.values(REGISTRY_KEYS));
  const access = createRegistryAccess(client);
  const records = createTransferRecords(access);
  const index = createTransferIndex(access, records);
  const names = createNameClaims(access, records);
  const foreign = createReport(log, "a transfer in Redis cannot be read; the others are followed all the same");
  const mirror = await openTransferMirror({ index, records, onForeign: foreign.tell });
  const bans = await openRedisBans(access);
  const announceKeys = await openRedisAnnounceKeys(access);
  const following = startFollowing({
    everyMs: FOLLOW_EVERY_MS,
    log,
    async follow() {
      await Promise.all([mirror.refresh(), bans.refresh(), announceKeys.refresh()]);
      await mirror.patrol();
    },
  });

  const notes = createProgressNotes(writeNotes, (err) => {
    log?.error({ err }, "the registry could not write when peers started or completed; it tries again");
  });

  async function writeNotes(pending: readonly ProgressNote[]): Promise<void> {
    const byTransfer = Map.groupBy(pending, ({ infoHash }) => infoHash);
    const noted: InfoHash[] = [];
    for (const [infoHash, own] of byTransfer) if (await records.note(infoHash, own)) noted.push(infoHash);
    await index.announce(noted);
  }

  async function register(content: TransferContent, now: number): Promise<{ transfer: Transfer; created: boolean }> {
    return repeat(content.infoHash, async () => {
      const before = await records.load(content.infoHash);
      const transfer = await settle(before, registered(before?.transfer, content, now), content.torrent);
      return transfer && { transfer, created: before === undefined };
    });
  }

  async function change(infoHash: InfoHash, next: (transfer: Transfer) => Transfer): Promise<Transfer> {
    return repeat(infoHash, async () => {
      const before = await records.load(infoHash);
      if (before === undefined) throw transferUnknown(infoHash);
      return settle(before, next(before.transfer));
    });
  }

  /**
   * Undefined when the transfer changed meanwhile: then it is done again with what it is now. Where there is nothing to
   * change it is done all the same: a call before may have been cut off half-way.
   */
  async function settle(before: StoredTransfer | undefined, after: Transfer, torrent?: Uint8Array) {
    if (before === undefined || (isInService(after) && !isInService(before.transfer)))
      return takeIntoService(before, after, torrent);
    return isInService(after) ? keepInService(before, after) : keepOutOfService(before, after);
  }

  async function takeIntoService(before: StoredTransfer | undefined, after: Transfer, torrent: Uint8Array | undefined) {
    const number = await names.claim(after);
    const written = await records.write({ before, after, place: before?.place ?? number, torrent });
    if (written === undefined) return undefined;
    await names.claim(after).catch(async (error: unknown) => {
      await takeBack(before, written);
      throw error;
    });
    return publish(written);
  }

  /** Unless it changed since: who keeps it in service has claimed its name anew. Others may have told of it meanwhile. */
  async function takeBack(before: StoredTransfer | undefined, written: StoredTransfer): Promise<void> {
    if (before === undefined) await records.forget(written);
    else await records.write({ before: written, after: before.transfer, place: before.place });
    await index.publish(written.transfer.infoHash);
  }

  async function keepInService(before: StoredTransfer, after: Transfer): Promise<Transfer | undefined> {
    await names.claim(after);
    const written = await records.write({ before, after, place: before.place });
    return written && publish(written);
  }

  async function keepOutOfService(before: StoredTransfer, after: Transfer): Promise<Transfer | undefined> {
    const seen = await names.look(after.name);
    const written = await records.write({ before, after, place: before.place });
    if (written === undefined) return undefined;
    await names.free(after, seen);
    return publish(written);
  }

  async function publish(written: StoredTransfer): Promise<Transfer> {
    await index.publish(written.transfer.infoHash);
    await mirror.refresh();
    return mirror.current(written);
  }

  return {
    lookup: mirror.lookup,
    async register(content, now) {
      await notes.flush();
      return register(content, now);
    },
    async list() {
      await notes.flush();
      await mirror.refresh();
      return mirror.list();
    },
    torrent: (infoHash) => records.torrent(infoHash),
    async activate(infoHash, activation, now) {
      await notes.flush();
      return change(infoHash, (transfer) => activated(transfer, activation, now));
    },
    async deactivate(infoHash, now) {
      await notes.flush();
      return change(infoHash, (transfer) => deactivated(transfer, now));
    },
    noteProgress: notes.add,
    bans,
    announceKeys,
    audit: createRedisAudit(access),
    reports: createRedisReports(access),
    async close() {
      following.close();
      await notes.close().catch((err: unknown) => {
        log?.error({ err }, "the registry could not write at its end when peers started or completed");
      });
    },
  };
}

async function repeat<Result>(infoHash: InfoHash, attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let count = 0; count < MOST_ATTEMPTS; count++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  const problem = `Other trackers kept changing the transfer ${infoHash} meanwhile; ask again.`;
  throw new RegistryError("REGISTRY_CONTENDED", problem);
}
