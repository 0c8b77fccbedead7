// What is needed of a release beside its bytes – .torrent, manifest, signature – as control calls and as hosts ask for it.
import type { FastifyRequest } from "fastify";
import { type TSchema, Type } from "typebox";
import { transferUnknown } from "../../registry/errors.ts";
import type { Transfer } from "../../registry/transfer-registry.ts";
import { withAnnounceKey } from "../../wire/torrent-trackers.ts";
import { TorrentFilter } from "../announce-key-schemas.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { findAssigned } from "../assignment.ts";
import { ApiError } from "../errors.ts";
import { hostIn } from "../host-access.ts";
import { findTransfer } from "../parameters.ts";
import type { ReadReleaseFiles } from "../release-files.ts";
import {
  HostParameter,
  InfoHashParameter,
  MANIFEST,
  REFUSALS,
  SIGNATURE,
  SIGNATURE_TYPE,
  TEXT_TYPE,
  torrentBody,
  TORRENT_TYPE,
} from "../schemas.ts";

/** One of the two paths that lead to a release. */
interface ReleasePath {
  readonly path: string;
  /** Of the operations: `read`, `readHost`. */
  readonly prefix: string;
  readonly params: TSchema;
  find(request: FastifyRequest, parts: ApiParts): Transfer;
}

export const BY_TRANSFER: ReleasePath = {
  path: "/transfers/:infoHash",
  prefix: "read",
  params: InfoHashParameter,
  find: (request, { registry }) => findTransfer(registry, infoHashIn(request)),
};

/** Only what the host should have. */
export const BY_HOST: ReleasePath = {
  path: "/hosts/:address/transfers/:infoHash",
  prefix: "readHost",
  params: Type.Object({ ...HostParameter.properties, ...InfoHashParameter.properties }),
  find: (request, parts) => findAssigned(parts.registry, infoHashIn(request), hostIn(request, parts)),
};

export function registerReleaseRoutes(api: Api, parts: ApiParts, at: ReleasePath, readFiles: ReadReleaseFiles): void {
  const { path, prefix, params, find } = at;
  const torrent = {
    operationId: `${prefix}Torrent`,
    summary: "The .torrent as it was registered, or with an announce key",
    params,
    querystring: TorrentFilter,
    response: { 200: { description: "The .torrent", content: torrentBody }, ...REFUSALS },
  };
  api.get(`${path}/torrent`, { schema: torrent }, async (request, reply) => {
    const { infoHash } = find(request, parts);
    const bytes = await parts.registry.torrent(infoHash);
    if (bytes === undefined) throw transferUnknown(infoHash);
    const { announceKey } = request.query;
    const given = announceKey === undefined ? bytes : withAnnounceKey(bytes, announceKey);
    if (given === undefined) throw announceUrlMissing(infoHash);
    return reply.type(TORRENT_TYPE).send(Buffer.from(given.buffer, given.byteOffset, given.byteLength));
  });

  const manifest = {
    operationId: `${prefix}Manifest`,
    summary: "SHA-256 of each file, for sha256sum --check --strict",
    params,
    response: { 200: MANIFEST, ...REFUSALS },
  };
  api.get(`${path}/manifest`, { schema: manifest }, async (request, reply) => {
    const transfer = find(request, parts);
    const bytes = (await readFiles(transfer)).manifest;
    if (bytes === undefined) throw manifestMissing(transfer);
    return reply.type(TEXT_TYPE).send(bytes);
  });

  const signature = {
    operationId: `${prefix}Signature`,
    summary: "The signature of the manifest",
    params,
    response: { 200: SIGNATURE, ...REFUSALS },
  };
  api.get(`${path}/signature`, { schema: signature }, async (request, reply) => {
    const transfer = find(request, parts);
    const bytes = (await readFiles(transfer)).signature;
    if (bytes === undefined) throw signatureMissing(transfer);
    return reply.type(SIGNATURE_TYPE).send(bytes);
  });
}

function infoHashIn({ params }: FastifyRequest): string {
  return (params as { readonly infoHash: string }).infoHash;
}

function announceUrlMissing(infoHash: string): ApiError {
  const remedy = "publish it with --announce and a URL such as http://tracker:6969/announce";
  const what = `No announce URL in the torrent of ${infoHash} ends in /announce, where a key would go`;
  return new ApiError("ANNOUNCE_URL_MISSING", `${what}; ${remedy}.`);
}

function manifestMissing({ infoHash }: Transfer): ApiError {
  const remedy = "build it with `rackcast build` and deploy that";
  const what = `The torrent of ${infoHash} does not carry the SHA-256 of each file`;
  return new ApiError("MANIFEST_MISSING", `${what}; ${remedy}.`);
}

function signatureMissing({ infoHash }: Transfer): ApiError {
  const remedy = "if hosts should trust signed releases only, deactivate it and publish it signed";
  return new ApiError("SIGNATURE_MISSING", `The torrent of ${infoHash} is not signed; ${remedy}.`);
}
