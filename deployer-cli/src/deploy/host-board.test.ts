import { describe, expect, it } from "vitest";
import type { TransferDetail } from "../api/resources.ts";
import { createHostBoard, type HostBoard } from "./host-board.ts";

const WEB1 = { name: "web1", address: "10.0.0.1" };
const WEB2 = { name: "web2", address: "10.0.0.2" };
const SEEDING = { progress: 1, seeder: true };

/** What the tracker says of hosts, as far as the board reads it. */
function seen(...addresses: readonly string[]): Pick<TransferDetail, "hosts" | "reports"> {
  const hosts = addresses.map((address) => ({ address, ...SEEDING }) as TransferDetail["hosts"][number]);
  return { hosts, reports: [] };
}

function statesOf(board: HostBoard): readonly string[] {
  return board.standings().map(({ state }) => state);
}

describe("the board", () => {
  it("takes a host for complete after a restart only once the tracker says so again", () => {
    const board = createHostBoard([WEB1, WEB2]);
    board.observe(seen(WEB1.address, WEB2.address));
    expect(statesOf(board)).toEqual(["complete", "complete"]);
    board.restart([WEB1, WEB2]);
    board.observe(seen(WEB2.address));
    expect(statesOf(board)).toEqual(["waiting", "complete"]);
  });

  it("leaves what is settled as it is at a restart", () => {
    const board = createHostBoard([WEB1, WEB2]);
    board.verify([WEB1]);
    board.fail([{ host: WEB2, code: "DISK_FULL", message: "full" }]);
    board.restart([WEB1, WEB2]);
    expect(statesOf(board)).toEqual(["verified", "failed"]);
  });
});
