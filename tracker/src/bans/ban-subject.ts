// What a ban is of, between the text that people write and the bytes that announces are compared by.
import { parsePrefix, printPrefix, type Reading } from "@rackcast/smdb-adapter";
import { PEER_ID_BYTES } from "../swarm/identifiers.ts";
import type { BanKind, BanSubject } from "./ban.ts";
import { BanError } from "./errors.ts";

/** A bit prefix of peer ids or of address bytes, as latin1. */
export interface BitPrefix {
  readonly bytes: string;
  readonly bits: number;
}

const WRITE_A_HASH = "write the 40 hex digits of an info-hash";
const WRITE_A_CLIENT = `write 1 to ${PEER_ID_BYTES} bytes of a peer id, such as -XL or -lt0D60-, what is not printable as %0a and % as %25`;

/** Reads any of the ways to write a subject into the one canonical way. */
export function readBanSubject(kind: BanKind, text: string): Reading<BanSubject> {
  const value = READERS[kind](text);
  return value.ok ? { ok: true, value: { kind, value: value.value } } : value;
}

/** Throws `BAN_MALFORMED` that names `field`, what is wrong and the remedy. */
export function parseBanSubject(kind: BanKind, text: string, field: string): BanSubject {
  const subject = readBanSubject(kind, text);
  if (subject.ok) return subject.value;
  const shown = JSON.stringify(text.slice(0, 120));
  throw new BanError("BAN_MALFORMED", `${field}: ${shown} ${subject.problem}; ${subject.remedy}.`);
}

const READERS: Readonly<Record<BanKind, (text: string) => Reading<string>>> = {
  "info-hash": (text) =>
    /^[0-9a-f]{40}$/i.test(text)
      ? { ok: true, value: text.toLowerCase() }
      : { ok: false, problem: "is no info-hash", remedy: WRITE_A_HASH },
  cidr(text) {
    const prefix = parsePrefix(text);
    return prefix.ok ? { ok: true, value: printPrefix(prefix.value) } : prefix;
  },
  client(text) {
    const bytes = clientBytes(text);
    if (bytes === undefined) return { ok: false, problem: "is no start of a peer id", remedy: WRITE_A_CLIENT };
    return { ok: true, value: clientText(bytes) };
  },
};

/** Of a `cidr` or a `client` in canonical form. */
export function bitPrefixOf({ kind, value }: BanSubject): BitPrefix {
  return kind === "cidr" ? addressPrefix(value) : clientPrefix(value);
}

function addressPrefix(value: string): BitPrefix {
  const prefix = parsePrefix(value);
  if (!prefix.ok) throw new BanError("BAN_MALFORMED", `${value} ${prefix.problem}; ${prefix.remedy}.`);
  const { words, length } = prefix.value;
  const bytes = [...words].flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
  return { bytes: String.fromCharCode(...bytes), bits: length };
}

function clientPrefix(value: string): BitPrefix {
  const bytes = clientBytes(value);
  if (bytes === undefined) throw new BanError("BAN_MALFORMED", `${value} is no start of a peer id; ${WRITE_A_CLIENT}.`);
  return { bytes, bits: bytes.length * 8 };
}

/** Undefined for text that is no start of a peer id. */
function clientBytes(text: string): string | undefined {
  if (!/^(?:[!-$&-~]|%[0-9a-f]{2})+$/i.test(text)) return undefined;
  const bytes = text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return bytes.length <= PEER_ID_BYTES ? bytes : undefined;
}

function clientText(bytes: string): string {
  return bytes.replace(/[^!-$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
