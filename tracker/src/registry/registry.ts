// All that a tracker remembers beside its swarms, opened and closed as one.
import type { BanList, BanLookup } from "../bans/ban-list.ts";
import type { AnnounceKeys } from "./announce-keys.ts";
import type { AuditLog } from "./audit-log.ts";
import type { HostReports } from "./host-reports.ts";
import type { TransferRegistry } from "./transfer-registry.ts";

/** `close` closes all of it. */
export interface Registry extends TransferRegistry {
  readonly bans: BanList;
  readonly announceKeys: AnnounceKeys;
  readonly audit: AuditLog;
  readonly reports: HostReports;
}

/** As much of it as an announce asks. */
export interface AnnounceRegistry extends Pick<TransferRegistry, "lookup" | "noteProgress"> {
  readonly bans: BanLookup;
}
