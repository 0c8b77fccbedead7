// One command to a Redis over a socket of its own: a few lines of RESP, because no client is among the command's packages.
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** The text of a simple or bulk reply. Rejects with the socket's error, or with the server's words. */
export async function askRedis(url: URL, command: string, signal: AbortSignal): Promise<string> {
  const socket = open(url);
  const abort = (): void => void socket.destroy(new Error("no answer in time"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    const replies = readReplies(socket);
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    if (password) {
      socket.write(printCommand("AUTH", ...(user ? [user, password] : [password])));
      await nextReply(replies);
    }
    socket.write(printCommand(command));
    return await nextReply(replies);
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}

function open({ protocol, hostname, port }: URL): Socket {
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 6379 };
  return protocol === "rediss:" ? connectTls({ ...place, servername: place.host }) : connect(place);
}

export function printCommand(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

async function nextReply(replies: AsyncGenerator<string, void>): Promise<string> {
  const { value, done } = await replies.next();
  if (done) throw new Error("it closed the connection");
  return value;
}

async function* readReplies(socket: Socket): AsyncGenerator<string, void> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    for (let reply = parseReply(received); reply !== undefined; reply = parseReply(received)) {
      received = received.subarray(reply.length);
      yield reply.text;
    }
  }
}

/** The first whole reply; undefined when there is none yet. Throws the words of an error reply. */
export function parseReply(bytes: Buffer): { readonly text: string; readonly length: number } | undefined {
  const end = bytes.indexOf("\r\n");
  if (end === -1) return undefined;
  const line = bytes.toString("utf8", 1, end);
  const kind = String.fromCharCode(bytes[0] ?? 0);
  if (kind === "-") throw new Error(line);
  if (kind !== "$") return { text: line, length: end + 2 };
  const length = end + 2 + Number(line) + 2;
  return bytes.length < length ? undefined : { text: bytes.toString("utf8", end + 2, length - 2), length };
}
