// Are announces answered over HTTP? One for an info-hash that nobody has must be refused, in the words of a Rackcast tracker.
import { randomBytes } from "node:crypto";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";
import { askTracker, type TrackerProbe } from "./tracker-probe.ts";

/** What a Rackcast tracker says to an announce for an info-hash that nobody has, and without a key where one is required. */
export const EXPECTED_REFUSAL = /^(?:unknown transfer|announce key missing)/;

export function httpAnnounce(tracker: TrackerProbe): Check {
  return {
    name: "announce: http",
    run: async (signal) => {
      const { status, body } = await askTracker(tracker, `/announce?${strangersQuery()}`, signal);
      return judgeHttpAnnounce(`${tracker.url}/announce`, status, body);
    },
  };
}

/** As rtorrent asks. */
function strangersQuery(): string {
  const infoHash = randomBytes(20).toString("hex").replace(/../g, "%$&");
  return `info_hash=${infoHash}&peer_id=-lt0D80-doctor000000&port=6881&uploaded=0&downloaded=0&left=1&compact=1`;
}

export function judgeHttpAnnounce(url: string, status: number, body: string): Finding {
  const reason = failureReason(body);
  const isEmptyReply = reason === undefined && /^d.*8:intervali\d+e/s.test(body);
  if (isEmptyReply || EXPECTED_REFUSAL.test(reason ?? "")) return ok(`${url} answers`);
  if (reason !== undefined) {
    return warning(
      `${url} refuses this machine: ${reason}`,
      "If it is a host, let it announce: see the tracker's ALLOW_CIDRS and bans.",
    );
  }
  return failed(
    `${url} answers with status ${status} and no tracker's reply`,
    "Something else listens there, or a proxy answers in the tracker's place: let /announce through unchanged.",
  );
}

/** Of a bencoded reply. */
function failureReason(body: string): string | undefined {
  const [head, length] = /14:failure reason(\d+):/.exec(body) ?? [];
  if (head === undefined || !body.startsWith("d")) return undefined;
  const start = body.indexOf(head) + head.length;
  return body.slice(start, start + Number(length));
}
