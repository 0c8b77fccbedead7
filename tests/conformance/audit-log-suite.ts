// What every AuditLog must hold; run by the SQLite registry and by any other one.
import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../tracker/src/registry/audit-log.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { eachInNewHome, type RegistryHome } from "./registry-home.ts";

const NOW = 1_700_000_000_000;
const DETAIL = { name: "naïve – “app”", before: null, origins: ["10.0.0.1"], targetCount: 3 };

export function auditLogSuite(name: string, createHome: () => RegistryHome | Promise<RegistryHome>): void {
  describe(`${name}: audit log`, () => {
    const { start, restart } = eachInNewHome(createHome);

    it("gives an entry back as it was appended", async () => {
      const { audit } = await start();
      const about = entry(1);
      const aboutNothing = { ...entry(2), infoHash: undefined, detail: {} };
      await audit.append(about);
      await audit.append(aboutNothing);
      expect(await audit.list(10)).toEqual([aboutNothing, about]);
    });

    it("lists as many as are asked for in the order of appending, newest first, whatever their times say", async () => {
      const { audit } = await start();
      for (const number of [3, 1, 2]) await audit.append(entry(number));
      expect(actors(await audit.list(2))).toEqual(["10.0.0.2", "10.0.0.1"]);
      expect(actors(await audit.list(1000))).toEqual(["10.0.0.2", "10.0.0.1", "10.0.0.3"]);
    });

    it("survives being closed and opened again", async () => {
      const { audit } = await start();
      await audit.append(entry(1));
      const reopened = (await restart()).audit;
      await reopened.append(entry(2));
      expect(actors(await reopened.list(10))).toEqual(["10.0.0.2", "10.0.0.1"]);
    });
  });
}

function entry(number: number): AuditEntry {
  const infoHash = "0c".repeat(20) as InfoHash;
  return { at: NOW + number, action: "activate", infoHash, actor: `10.0.0.${number}`, detail: DETAIL };
}

function actors(entries: readonly AuditEntry[]): string[] {
  return entries.map(({ actor }) => actor);
}
