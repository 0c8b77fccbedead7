import { describe, expect, it } from "vitest";
import type { Host, TransferDetail } from "./api/resources.ts";
import type { TrackerClient } from "./api/tracker-client.ts";
import { CommandError } from "./errors.ts";
import { waitForHosts } from "./waiting.ts";

const infoHash = "0".repeat(40);

function host(address: string, role: Host["role"], seeder: boolean): Host {
  return { address, role, seeder } as Host;
}

function transfer(changes: Partial<TransferDetail>): TransferDetail {
  const base = { name: "app", infoHash, state: "active", targets: [], missingHosts: [], hosts: [], progress: 0 };
  return { ...base, ...changes } as unknown as TransferDetail;
}

/** Answers with each in turn, then with the last for ever; an error is an answer too. */
function wait(answers: readonly (TransferDetail | Error)[], minShare = 1, timeoutSeconds = 0.05) {
  let at = 0;
  const show = async () => {
    const answer = answers[Math.min(at++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer!;
  };
  const client = { show } as unknown as TrackerClient;
  return waitForHosts({ client, infoHash, minShare, timeoutSeconds, signal: new AbortController().signal });
}

const targets = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];

describe("waiting for the hosts", () => {
  it("ends when enough of the declared targets are complete", async () => {
    const half = transfer({ targets, missingHosts: targets.slice(2) });
    await expect(wait([half], 0.5)).resolves.toMatchObject({ doneHosts: 2, totalHosts: 4 });
    await expect(wait([half], 0.51)).rejects.toMatchObject({ code: "TIMED_OUT", exitCode: 3 });
  });

  it("names the missing hosts when the time is over", async () => {
    const missing = wait([transfer({ targets, missingHosts: targets.slice(2) })]);
    await expect(missing).rejects.toThrow(/2 of 4 hosts have app.*\nMissing: 10\.0\.0\.3 10\.0\.0\.4$/s);
  });

  it("counts the hosts seen, origins apart, when no targets are declared", async () => {
    const origin = host("10.0.0.9", "origin", true);
    const running = transfer({
      hosts: [origin, host("10.0.0.1", "representative", true), host("10.0.0.2", "member", false)],
    });
    await expect(wait([running])).rejects.toThrow(/1 of 2 hosts.*Missing: 10\.0\.0\.2/s);
    const complete = transfer({ hosts: [origin, host("10.0.0.1", "member", true)] });
    await expect(wait([complete])).resolves.toMatchObject({ doneHosts: 1, totalHosts: 1 });
  });

  it("is not done when nobody has asked yet, whatever is enough", async () => {
    await expect(wait([transfer({ hosts: [host("10.0.0.9", "origin", true)] })], 0)).rejects.toThrow(
      /no host has asked/,
    );
  });

  it("goes on while the tracker is away, and ends at once on any other refusal", async () => {
    const away = new CommandError("TRACKER_UNREACHABLE", "away");
    await expect(wait([away, transfer({ targets, missingHosts: [] })], 1, 5)).resolves.toMatchObject({ doneHosts: 4 });
    const refused = new CommandError("NOT_AUTHORIZED", "no");
    await expect(wait([refused], 1, 5)).rejects.toBe(refused);
    await expect(wait([away])).rejects.toThrow(/the tracker did not answer/);
  });

  it("refuses to wait for a transfer that is not active, with the remedy", async () => {
    const idle = wait([transfer({ state: "registered" })], 1, 5);
    await expect(idle).rejects.toMatchObject({
      code: "TRANSFER_NOT_ACTIVE",
      message: expect.stringMatching(/rackcast activate app/),
    });
  });
});
