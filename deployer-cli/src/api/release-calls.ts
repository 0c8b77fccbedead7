// What hosts need of a release, and what they report of it, as functions.
import type { Client } from "openapi-fetch";
import type { Answer } from "./ban-calls.ts";
import type { HostReport, HostReportRequest } from "./resources.ts";
import type { paths } from "./schema.d.ts";

export interface ReleaseCalls {
  /** As the tracker has it, which is as it was registered first. */
  torrent(infoHash: string): Promise<Uint8Array>;
  /** Lines for `sha256sum --check --strict`; what is signed is its UTF-8. */
  manifest(infoHash: string): Promise<string>;
  /** Ed25519 over the manifest, 64 bytes; undefined for an unsigned release. */
  signature(infoHash: string): Promise<Uint8Array | undefined>;
  /** In the place of the host's report before. */
  report(infoHash: string, address: string, report: HostReportRequest): Promise<HostReport>;
}

export interface ReleaseCallsOptions {
  readonly api: Client<paths>;
  readonly answer: Answer;
  /** A fetch that takes successes of this content type alone. */
  fetchOf(type: string): (request: Request) => Promise<Response>;
}

const NOT_FOUND = 404;

export function createReleaseCalls({ api, answer, fetchOf }: ReleaseCallsOptions): ReleaseCalls {
  const bytesOf = (type: string) => ({ parseAs: "arrayBuffer", fetch: fetchOf(type) }) as const;
  return {
    async torrent(infoHash) {
      const options = { params: { path: { infoHash } }, ...bytesOf("application/x-bittorrent") };
      return new Uint8Array(answer(await api.GET("/transfers/{infoHash}/torrent", options)));
    },
    async manifest(infoHash) {
      const options = { params: { path: { infoHash } }, parseAs: "text", fetch: fetchOf("text/plain") } as const;
      return answer(await api.GET("/transfers/{infoHash}/manifest", options));
    },
    async signature(infoHash) {
      const options = { params: { path: { infoHash } }, ...bytesOf("application/octet-stream") };
      const result = await api.GET("/transfers/{infoHash}/signature", options);
      const isMissing = result.response.status === NOT_FOUND && result.error?.code === "SIGNATURE_MISSING";
      return isMissing ? undefined : new Uint8Array(answer(result));
    },
    async report(infoHash, address, report) {
      const params = { path: { address, infoHash } };
      return answer(await api.PUT("/hosts/{address}/transfers/{infoHash}", { params, body: report }));
    },
  };
}
