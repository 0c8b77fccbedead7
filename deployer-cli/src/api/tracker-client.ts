// The tracker's REST API as functions; every failure comes out as a CommandError that says what to do.
import createClient from "openapi-fetch";
import { type BanCalls, createBanCalls } from "./ban-calls.ts";
import { createKeyCalls, type KeyCalls } from "./key-calls.ts";
import { refusal } from "./refusal.ts";
import type { ExplainedPeer, TopologyAnswer, Traffic, Transfer, TransferDetail, TransferState } from "./resources.ts";
import { createReleaseCalls, type ReleaseCalls } from "./release-calls.ts";
import { createRetryingFetch } from "./retrying-fetch.ts";
import type { paths } from "./schema.d.ts";

export interface TrackerAccess {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** Lists given replace those of an earlier activation; those left out stay. */
export interface Activation {
  readonly origins?: readonly string[] | undefined;
  readonly targets?: readonly string[] | undefined;
  /** Counts as a new activation of an active transfer, too: current again on its hosts, with no host's report. */
  readonly renew?: boolean | undefined;
}

export interface TrackerClient extends BanCalls, KeyCalls, ReleaseCalls {
  readonly url: string;
  /** Idempotent. */
  register(torrent: Uint8Array): Promise<Transfer>;
  list(state?: TransferState): Promise<readonly Transfer[]>;
  show(infoHash: string): Promise<TransferDetail>;
  /** Throws `ACCOUNTING_OFF` where the tracker does not count. */
  traffic(infoHash: string): Promise<Traffic>;
  activate(infoHash: string, activation: Activation): Promise<Transfer>;
  deactivate(infoHash: string): Promise<Transfer>;
  explain(infoHash: string, address: string): Promise<readonly ExplainedPeer[]>;
  /** `all`: with what every resolver says. */
  locate(address: string, all?: boolean): Promise<TopologyAnswer>;
}

const NO_CONTENT = 204;
const TORRENT_TYPE = "application/x-bittorrent";
const JSON_TYPE = "application/json";

export function createTrackerClient({ url, token, signal }: TrackerAccess): TrackerClient {
  const retryingFetch = createRetryingFetch(url, signal);
  const fetchOf = (type: string) => async (request: Request) => refuseForeign(url, await retryingFetch(request), type);
  const api = createClient<paths>({
    baseUrl: url,
    fetch: fetchOf(JSON_TYPE),
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  const answer = <Body>(result: Result<Body>) => unwrap(url, result);
  const check = (result: Result<unknown>) => refuseFailure(url, result);
  return {
    url,
    ...createBanCalls({ api, answer, check }),
    ...createKeyCalls({ api, answer, check }),
    ...createReleaseCalls({ api, answer, fetchOf }),
    async register(torrent) {
      const headers = { "content-type": TORRENT_TYPE };
      // The document describes the body as a binary string; it goes out as the bytes it is.
      const result = await api.POST("/transfers", { headers, body: "", bodySerializer: () => torrent });
      return answer(result);
    },
    async list(state) {
      const query = state === undefined ? {} : { state };
      return answer(await api.GET("/transfers", { params: { query } })).transfers;
    },
    async show(infoHash) {
      return answer(await api.GET("/transfers/{infoHash}", { params: { path: { infoHash } } }));
    },
    async traffic(infoHash) {
      return answer(await api.GET("/transfers/{infoHash}/traffic", { params: { path: { infoHash } } }));
    },
    async activate(infoHash, { origins, targets, renew }) {
      const lists = { ...(origins && { origins: [...origins] }), ...(targets && { targets: [...targets] }) };
      const body = { ...lists, ...(renew && { renew }) };
      return answer(await api.POST("/transfers/{infoHash}/activate", { params: { path: { infoHash } }, body }));
    },
    async deactivate(infoHash) {
      return answer(await api.POST("/transfers/{infoHash}/deactivate", { params: { path: { infoHash } } }));
    },
    async explain(infoHash, address) {
      const params = { path: { infoHash, address } };
      return answer(await api.GET("/transfers/{infoHash}/explain/{address}", { params })).peers;
    },
    async locate(address, all) {
      const query = all ? { all: "true" as const } : {};
      return answer(await api.GET("/topology/{address}", { params: { path: { address }, query } }));
    },
  };
}

interface Result<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}

function unwrap<Body>(url: string, { data, error, response }: Result<Body>): Body {
  if (response.ok && data !== undefined) return data;
  throw refusal(url, response, error);
}

function refuseFailure(url: string, { error, response }: Result<unknown>): void {
  if (!response.ok) throw refusal(url, response, error);
}

/** A success of another content type comes from something else than a tracker. */
function refuseForeign(url: string, response: Response, type: string): Response {
  if (response.status === NO_CONTENT) return response;
  const isTrackers = response.headers.get("content-type")?.startsWith(type) ?? false;
  if (response.ok && !isTrackers) throw refusal(url, response, undefined);
  return response;
}
