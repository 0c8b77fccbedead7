// Signatures of webhooks by the Standard Webhooks specification 1.0.0 (github.com/standard-webhooks/standard-webhooks).
import { createHmac } from "node:crypto";

export interface SignedMessage {
  /** The same for every attempt. */
  readonly id: string;
  /** Of the attempt: seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

/** One signature a key, with spaces between them; a receiver takes the message if one of them is right. */
export function webhookHeaders({ id, timestamp, body }: SignedMessage, keys: readonly Uint8Array[]) {
  const signatures = keys.map((key) => {
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}
