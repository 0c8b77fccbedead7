// One XML-RPC call to an rtorrent, with the faults of socket, protocol and method told apart.
import { systemErrorCode } from "../errors.ts";
import { rtorrentError } from "./rtorrent-error.ts";
import { parseScgiResponse, requestScgi } from "./scgi.ts";
import { parseXmlRpcReply, printXmlRpcCall, type XmlRpcReply, type XmlRpcValue } from "./xml-rpc.ts";

export interface RtorrentClient {
  call(method: string, ...args: readonly XmlRpcValue[]): Promise<XmlRpcValue>;
}

const CALL_TIMEOUT_MS = 10_000;

export function createRtorrentClient(socketPath: string): RtorrentClient {
  async function request(method: string, args: readonly XmlRpcValue[]): Promise<XmlRpcReply> {
    try {
      const body = Buffer.from(printXmlRpcCall(method, args));
      const response = await requestScgi(socketPath, body, CALL_TIMEOUT_MS);
      return parseXmlRpcReply(parseScgiResponse(response).toString());
    } catch (error) {
      throw unreachable(socketPath, method, error);
    }
  }

  async function call(method: string, ...args: readonly XmlRpcValue[]): Promise<XmlRpcValue> {
    const reply = await request(method, args);
    if (reply.kind === "value") return reply.value;
    throw rtorrentError(
      "RTORRENT_REFUSED",
      `rtorrent at ${socketPath} refused ${method}: ${reply.faultString} (${reply.faultCode})`,
      "Check the arguments, and that the torrent is still loaded; the method may be unknown to this version of rtorrent.",
    );
  }

  return { call };
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "Start rtorrent, or give the path that its network.scgi.open_local names.",
  ECONNREFUSED: "The socket is left over from an rtorrent that ended: start rtorrent again.",
  EACCES: "Run as the user that rtorrent runs as, or set rtorrent's umask so that your group may write to the socket.",
  ETIMEDOUT: "rtorrent may be hashing or its disk may hang: try again, then look at its log.",
};

function unreachable(socketPath: string, method: string, error: unknown): Error {
  const code = systemErrorCode(error) ?? "";
  const reason = error instanceof Error ? error.message : String(error);
  return rtorrentError(
    "RTORRENT_UNREACHABLE",
    `rtorrent at ${socketPath} did not answer ${method}: ${reason}`,
    REMEDIES[code] ?? "Check that rtorrent listens at this socket and is still running.",
    error,
  );
}
