// Publishing: the one call whose body is a torrent.
import { parseTorrentFile } from "../../wire/torrent-file.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { auditTransfer } from "../audit.ts";
import { ApiError } from "../errors.ts";
import { answer, reference, REFUSALS, torrentBody, TORRENT_TYPE, Transfer } from "../schemas.ts";
import { pictureTransfer } from "../transfer-picture.ts";

const TORRENT_BYTES = 64 * 2 ** 20;

/** Wants a scope of its own: no other type of body is taken there. */
export function registerPublishRoute(api: Api, parts: ApiParts): void {
  const { registry, now } = parts;
  api.removeAllContentTypeParsers();
  api.addContentTypeParser(
    TORRENT_TYPE,
    { parseAs: "buffer", bodyLimit: TORRENT_BYTES },
    async (_: unknown, body: Buffer) => body,
  );
  const schema = {
    operationId: "publishTransfer",
    summary: "Registers a torrent",
    description:
      "Idempotent. A transfer that is registered or active keeps the .torrent that it was registered with, its signature and trackers too; an inactive one becomes registered again, with the .torrent sent.",
    body: { content: torrentBody },
    response: {
      200: answer("Registered before", reference(Transfer)),
      201: answer("Registered now", reference(Transfer)),
      ...REFUSALS,
    },
  };
  // The document's binary string is a Buffer here; parseTorrentFile says what is wrong with it.
  const options = { schema, bodyLimit: TORRENT_BYTES, validatorCompiler: () => () => true };
  api.post("/transfers", options, async (request, reply) => {
    if (!Buffer.isBuffer(request.body))
      throw new ApiError("BODY_TYPE_UNSUPPORTED", `The body is no torrent; send the .torrent file as ${TORRENT_TYPE}.`);
    const { infoHash, name, lengthBytes, pieceLengthBytes, fileCount } = parseTorrentFile(request.body);
    const before = registry.lookup(infoHash);
    const content = { infoHash, name, lengthBytes, pieceLengthBytes, fileCount, torrent: request.body };
    const { transfer, created } = await registry.register(content, now());
    await auditTransfer(parts, request, { action: "register", before, after: transfer });
    return reply.code(created ? 201 : 200).send(await pictureTransfer(parts, transfer));
  });
}
