// A real redis-server for a test: its own port, its own folder, ended with the test.
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";

/** Files in PEM that a server shows itself with. */
export interface RedisTlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface RedisServerOptions {
  /** Keeps every write on disk (`appendfsync everysec`), so that it outlives SIGKILL. */
  readonly appendOnly?: boolean;
  readonly password?: string;
  /** Speaks TLS only. */
  readonly tls?: RedisTlsFiles;
  /** More of its command line, such as `["--maxmemory", "5mb"]`. */
  readonly args?: readonly string[];
}

export interface RedisServer extends RedisProcess {
  /** `redis://127.0.0.1:<port>`, with the password if there is one; `rediss:` with TLS. */
  readonly url: string;
}

/** Resolves when it answers PING. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const args = (port: number, folder: string) => redisArguments(port, folder, options);
  const server = await startRedisProcess({ args, password: options.password, isTls: options.tls !== undefined });
  return { ...server, url: urlOf(server.port, options) };
}

function redisArguments(port: number, folder: string, options: RedisServerOptions): string[] {
  const { appendOnly = false, password, tls, args = [] } = options;
  const ports = tls ? ["--port", "0", "--tls-port", `${port}`, ...tlsArguments(tls)] : ["--port", `${port}`];
  const data = ["--dir", folder, "--save", "", "--appendonly", appendOnly ? "yes" : "no", "--appendfsync", "everysec"];
  return [...ports, "--bind", "127.0.0.1", ...data, ...(password ? ["--requirepass", password] : []), ...args];
}

function tlsArguments({ caFile, certFile, keyFile }: RedisTlsFiles): string[] {
  const files = ["--tls-ca-cert-file", caFile, "--tls-cert-file", certFile, "--tls-key-file", keyFile];
  return [...files, "--tls-auth-clients", "no"];
}

function urlOf(port: number, { password, tls }: RedisServerOptions): string {
  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  return `${tls ? "rediss" : "redis"}://${credentials}127.0.0.1:${port}`;
}
