// One request over SCGI to a Unix socket: https://python.ca/scgi/protocol.txt
import { connect } from "node:net";

/** Headers are a netstring of zero-ended names and values; `CONTENT_LENGTH` has to come first. */
export function printScgiRequest(body: Uint8Array): Buffer {
  const headers = Buffer.from(`CONTENT_LENGTH\0${body.length}\0SCGI\x001\0`);
  return Buffer.concat([Buffer.from(`${headers.length}:`), headers, Buffer.from(","), body]);
}

/** The body of a CGI response, which follows the first empty line. */
export function parseScgiResponse(response: Buffer): Buffer {
  const end = response.indexOf("\r\n\r\n");
  if (end === -1) throw new SyntaxError(`the SCGI reply of ${response.length} bytes has no end of headers`);
  return response.subarray(end + 4);
}

/** Rejects with the socket's error, or with one of code `ETIMEDOUT` after `timeoutMs`. */
export function requestScgi(socketPath: string, body: Uint8Array, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath, () => socket.write(printScgiRequest(body)));
    const timer = setTimeout(() => socket.destroy(silence(timeoutMs)), timeoutMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", (failed) => {
      clearTimeout(timer);
      if (!failed) resolve(Buffer.concat(chunks));
    });
  });
}

function silence(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: "ETIMEDOUT" });
}
