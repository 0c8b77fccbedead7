// What clients moved, and how its counting fares, as the REST API tells it.
import { type Static, Type } from "typebox";

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const TRAFFIC_AMOUNTS = {
  uploadedBytes: Count("Bytes of the payload that clients told they uploaded (BEP 3)"),
  downloadedBytes: Count("Bytes of the payload that clients told they downloaded (BEP 3)"),
  secondsSeeded: Type.Number({ minimum: 0, description: "Seconds for which clients were complete, summed up" }),
};
const changedAt = Type.String({ format: "date-time", description: "The announce that added to it last" });
const rack = Type.String({ description: "The path joined by slashes, as it was when the bytes were counted" });

export const RackTraffic = Type.Object(
  { rack, users: Count("Who was counted there"), ...TRAFFIC_AMOUNTS, changedAt },
  {
    $id: "RackTraffic",
    description: "What the clients of a rack moved, wherever it came from and went: counters do not tell with whom",
  },
);

export const UserTraffic = Type.Object(
  {
    rack,
    user: Type.String({ description: "The name that an announce key was issued to, else the host's address" }),
    ...TRAFFIC_AMOUNTS,
    changedAt,
  },
  { $id: "UserTraffic", description: "What the clients of a user moved while they were in a rack" },
);

const TimeOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], format: "date-time", description });

export const DeliveryHealth = Type.Object(
  {
    delivered: Count("Deltas that the sink has taken"),
    lastDeliveredAt: TimeOrNull("Null before the first"),
    failingSince: TimeOrNull("When the sink began to fail; null while it does not"),
  },
  {
    $id: "DeliveryHealth",
    description: "How the sink of this tracker fares since its start; the log says why it fails",
  },
);

export const AccountingHealth = Type.Object(
  {
    behind: Type.Boolean({ description: "Clients are told to announce less often, because it does not keep up" }),
    reportsWaiting: Count("Announces that are not in the ledger yet"),
    reportsSkipped: Count("Announces that there was no room for; what they said is in the clients' next ones"),
    reportsLost: Count("First and last announces of clients that there was no room for; what they said is lost"),
    deltasPending: Count("Deltas in the ledger that no sink has taken yet"),
    delivery: Type.Unsafe<Static<typeof DeliveryHealth> | null>({
      anyOf: [{ $ref: "DeliveryHealth#" }, { type: "null" }],
      description: "Null: there is no sink (ACCOUNTING_SINK)",
    }),
  },
  {
    $id: "AccountingHealth",
    description: "How the counting of what clients move fares; skipped and lost ones since the start",
  },
);
