// The port that speaks TLS: certificate and key from files, read again on demand, with the connections of the other port.
import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { createSecureContext, createServer } from "node:tls";
import { listen, type ListeningAddress } from "./listening.ts";
import { StartupError } from "./startup-error.ts";

export interface TlsSettings {
  readonly port: number;
  /** PEM: the certificate, and those between it and its authority. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
}

export interface TlsListenerOptions extends TlsSettings {
  readonly host: string;
  /** Takes every connection once it is encrypted. */
  readonly accept: (socket: Socket) => void;
  readonly onFault: (kind: "http-tls-handshake") => void;
  readonly log: {
    error(details: object, message: string): void;
    info(details: object, message: string): void;
  };
}

export interface TlsListener {
  readonly address: ListeningAddress;
  /** Reads the files again, for the connections that come; what is wrong with them is logged, and those before stay. */
  reload(): Promise<void>;
  /** Takes no more connections; those it gave away are left alone. */
  close(): void;
}

interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Throws `TLS_UNUSABLE` for files that cannot be read or do not belong together, and what `listen` throws. */
export async function startTlsListener(options: TlsListenerOptions): Promise<TlsListener> {
  const { host, port, accept, onFault, log } = options;
  const identity = await readIdentity(options);
  const server = createServer({
    ...identity,
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    allowHalfOpen: true,
  });
  const inHandshake = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    inHandshake.add(socket);
    socket.once("close", () => inHandshake.delete(socket));
  });
  server.on("secureConnection", accept);
  server.on("tlsClientError", () => onFault("http-tls-handshake"));
  const address = await listen(server, { host, port });
  return {
    address,
    async reload() {
      try {
        server.setSecureContext(await readIdentity(options));
        log.info({ file: options.certFile }, "certificate read again");
      } catch (err) {
        log.error({ err }, "certificate refused; the one before stays");
      }
    },
    close() {
      server.close();
      for (const socket of inHandshake) socket.destroy();
    },
  };
}

async function readIdentity({ certFile, keyFile }: TlsSettings): Promise<Identity> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const problem = `${certFile} and ${keyFile} are no certificate and its key (${reasonOf(error)})`;
    throw new StartupError("TLS_UNUSABLE", problem, { cause: error });
  }
  return { cert, key };
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new StartupError("TLS_UNUSABLE", `${file} cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
