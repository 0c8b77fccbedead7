// Every error the REST API answers with: its status, and the title that never changes.
import { LedgerError } from "../accounting/ledger.ts";
import { BanError, type BanErrorCode } from "../bans/errors.ts";
import { RegistryError, type RegistryErrorCode } from "../registry/errors.ts";
import { StoreError } from "../store/swarm-store.ts";
import { WireError, type WireErrorCode } from "../wire/errors.ts";

/** Told as problem details (RFC 9457); `detail` names the thing and the remedy. */
export const API_ERRORS = {
  TORRENT_MALFORMED: { status: 400, title: "The torrent is corrupt or contradicts itself" },
  TORRENT_NOT_PRIVATE: { status: 400, title: "The torrent is public" },
  INFO_HASH_MALFORMED: { status: 400, title: "The info-hash is none" },
  ADDRESS_MALFORMED: { status: 400, title: "The address is none" },
  BAN_MALFORMED: { status: 400, title: "What is to be banned is none of the kind" },
  USER_MALFORMED: { status: 400, title: "The user's name is none" },
  ANNOUNCE_KEY_MALFORMED: { status: 400, title: "The announce key is none" },
  REQUEST_INVALID: { status: 400, title: "The request does not fit the API's schema" },
  TOKEN_MISSING: { status: 401, title: "A token is needed" },
  TOKEN_WRONG: { status: 403, title: "The token is not the tracker's" },
  LOOPBACK_ONLY: { status: 403, title: "Control calls are answered to this host only" },
  OTHER_HOST: { status: 403, title: "A host may ask for itself only" },
  HOST_NOT_ALLOWED: { status: 403, title: "This host may not ask" },
  TRANSFER_UNKNOWN: { status: 404, title: "No such transfer" },
  TRANSFER_NOT_ASSIGNED: { status: 404, title: "The host should not have the transfer" },
  MANIFEST_MISSING: { status: 404, title: "The transfer has no manifest" },
  SIGNATURE_MISSING: { status: 404, title: "The transfer is not signed" },
  BAN_UNKNOWN: { status: 404, title: "No such ban" },
  ANNOUNCE_KEY_UNKNOWN: { status: 404, title: "The user has no announce key" },
  ROUTE_UNKNOWN: { status: 404, title: "No such resource" },
  NAME_TAKEN: { status: 409, title: "The name belongs to another transfer" },
  TRANSFER_NOT_ACTIVE: { status: 409, title: "The transfer is not active" },
  REPORTS_FULL: { status: 409, title: "Too many hosts reported" },
  BAN_IN_FILE: { status: 409, title: "The ban is in the tracker's ban file" },
  ACCOUNTING_OFF: { status: 409, title: "What clients move is not counted" },
  ANNOUNCE_KEY_ISSUED: { status: 409, title: "The user has an announce key" },
  ANNOUNCE_URL_MISSING: { status: 409, title: "No announce URL of the torrent takes a key" },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  BODY_TYPE_UNSUPPORTED: { status: 415, title: "The body's content type is not supported" },
  REGISTRY_FOREIGN: { status: 500, title: "The registry holds foreign data" },
  INTERNAL: { status: 500, title: "The tracker failed" },
  REGISTRY_AWAY: { status: 503, title: "The registry cannot be reached" },
  STORE_AWAY: { status: 503, title: "The swarms cannot be reached" },
  LEDGER_AWAY: { status: 503, title: "The ledger of accounting cannot be read" },
  REGISTRY_CONTENDED: { status: 503, title: "Others kept changing the transfer" },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** A refusal; `message` becomes the problem's `detail`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const OF_WIRE: Partial<Record<WireErrorCode, ApiErrorCode>> = {
  TORRENT_INVALID: "TORRENT_MALFORMED",
  TORRENT_NOT_PRIVATE: "TORRENT_NOT_PRIVATE",
  ADDRESS_INVALID: "ADDRESS_MALFORMED",
};

const OF_REGISTRY: Partial<Record<RegistryErrorCode, ApiErrorCode>> = {
  NAME_TAKEN: "NAME_TAKEN",
  TRANSFER_UNKNOWN: "TRANSFER_UNKNOWN",
  TRANSFER_NOT_ACTIVE: "TRANSFER_NOT_ACTIVE",
  REPORTS_FULL: "REPORTS_FULL",
  BAN_UNKNOWN: "BAN_UNKNOWN",
  USER_MALFORMED: "USER_MALFORMED",
  ANNOUNCE_KEY_ISSUED: "ANNOUNCE_KEY_ISSUED",
  ANNOUNCE_KEY_UNKNOWN: "ANNOUNCE_KEY_UNKNOWN",
  REGISTRY_AWAY: "REGISTRY_AWAY",
  REGISTRY_FOREIGN: "REGISTRY_FOREIGN",
  REGISTRY_CONTENDED: "REGISTRY_CONTENDED",
};

const OF_BANS: Partial<Record<BanErrorCode, ApiErrorCode>> = {
  BAN_MALFORMED: "BAN_MALFORMED",
  BAN_IN_FILE: "BAN_IN_FILE",
};

/** Codes that fastify gives to what it refuses by itself. */
const OF_FASTIFY: Readonly<Record<string, ApiErrorCode>> = {
  FST_ERR_BAD_URL: "ROUTE_UNKNOWN",
};

const INTERNAL_DETAIL = "The tracker failed on this request; see its log, then try again.";

/** What the client is told of `error`: `INTERNAL`, with the error as its cause, for all that is not meant for it. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = tellableCode(error);
  if (code === undefined || !(error instanceof Error))
    return new ApiError("INTERNAL", INTERNAL_DETAIL, { cause: error });
  return new ApiError(code, error.message, { cause: error });
}

function tellableCode(error: unknown): ApiErrorCode | undefined {
  if (error instanceof WireError) return OF_WIRE[error.code];
  if (error instanceof StoreError) return error.code;
  if (error instanceof LedgerError) return "LEDGER_AWAY";
  if (error instanceof BanError) return OF_BANS[error.code];
  if (error instanceof RegistryError) return OF_REGISTRY[error.code];
  return fastifyCode(error);
}

function fastifyCode(error: unknown): ApiErrorCode | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const known = "code" in error && typeof error.code === "string" ? OF_FASTIFY[error.code] : undefined;
  const isClients = typeof error.statusCode === "number" && error.statusCode >= 400 && error.statusCode < 500;
  return known ?? (isClients ? "REQUEST_INVALID" : undefined);
}
