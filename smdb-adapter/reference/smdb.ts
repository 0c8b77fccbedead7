// The reference SMDB: a small server-management database for tests, demonstrations and the compose file.
import swagger, { type FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyServerFactory } from "fastify";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { resolve } from "node:path";
import { fileSignature, startFileWatch } from "../src/topology-file/file-watch.ts";
import { createTokenCheck } from "./access.ts";
import { registerFaultRoutes, registerHealthRoute } from "./control-routes.ts";
import { commitFaults, Faults } from "./faults.ts";
import { readHostData } from "./host-data.ts";
import { registerNetboxRoutes } from "./netbox-routes.ts";
import { NAMED_SCHEMAS } from "./schemas.ts";
import type { Smdb, SmdbParts } from "./smdb-parts.ts";
import { registerSmdbRoutes } from "./smdb-routes.ts";

export interface ReferenceSmdbOptions {
  /** YAML; read again when it changes. */
  readonly dataFile: string;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default any free one. */
  readonly port?: number | undefined;
  readonly token?: string | undefined;
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly faults?: Faults | undefined;
  /** Told of every later reading of the file: how many hosts it has, or why it is refused. */
  readonly onReload?: ((result: number | Error) => void) | undefined;
}

export interface ReferenceSmdb {
  /** Without a slash at the end. */
  readonly url: string;
  /** How lookups are answered from now on. */
  setFaults(faults: Faults): void;
  /** A file that is refused leaves the data as it was. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

const SETTLE_MS = 100;
const POLL_MS = 2000;

/** Rejects when the data is refused or the port is taken. */
export async function startReferenceSmdb(options: ReferenceSmdbOptions): Promise<ReferenceSmdb> {
  const { dataFile, host = "127.0.0.1", port = 0, token, tls, onReload } = options;
  const signature = await fileSignature(dataFile);
  let data = await readHostData(dataFile);
  const faults = { current: options.faults ?? {} };

  async function reload(): Promise<void> {
    try {
      data = await readHostData(dataFile);
      onReload?.(data.hosts.length);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      onReload?.(error);
    }
  }

  const smdb = createReferenceSmdb({ data: () => data, faults, token }, await readTls(tls));
  const listening = await smdb.listen({ host, port });
  const watching = startFileWatch(
    { file: resolve(dataFile), onChange: reload, settleMs: SETTLE_MS, pollMs: POLL_MS },
    signature,
  );
  return {
    url: tls === undefined ? listening : listening.replace(/^http:/, "https:"),
    setFaults: (wanted) => void (faults.current = wanted),
    reload,
    async close() {
      watching.close();
      await smdb.close();
    },
  };
}

interface TlsContext {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Not yet listening. */
export function createReferenceSmdb(parts: SmdbParts, tls?: TlsContext): Smdb {
  const serverFactory: FastifyServerFactory<Server> = (handler) =>
    tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  const smdb: Smdb = fastify({
    // Those that were never answered, too.
    forceCloseConnections: true,
    serverFactory,
    // What is misspelled in faults is refused, not dropped.
    ajv: { customOptions: { removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [...NAMED_SCHEMAS, Faults]) smdb.addSchema(schema);
  void smdb.register(swagger, DOCUMENT);
  void smdb.register(async (open: Smdb) => registerHealthRoute(open, parts));
  void smdb.register(async (control: Smdb) => {
    control.addHook("onRequest", createTokenCheck(parts.token));
    registerFaultRoutes(control, parts);
    void control.register(async (lookups: Smdb) => {
      lookups.addHook("onRequest", (_, reply) => commitFaults(parts.faults.current, reply));
      registerSmdbRoutes(lookups, parts);
      registerNetboxRoutes(lookups, parts);
    });
  });
  return smdb;
}

async function readTls(files: ReferenceSmdbOptions["tls"]): Promise<TlsContext | undefined> {
  return files && { cert: await readFile(files.certFile), key: await readFile(files.keyFile) };
}

const DOCUMENT: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Reference SMDB",
      version: "1",
      description: "Where servers are, in the shape that rest resolvers ask for by default, and in NetBox's.",
    },
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    security: [{}, { token: [] }],
  },
  refResolver: {
    buildLocalReference: (json, _baseUri, _fragment, index) =>
      typeof json["$id"] === "string" ? json["$id"] : `def-${index}`,
  },
};
