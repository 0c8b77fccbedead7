// A transfer between its object and the text fields of its hash in Redis: seed 004's fields, and some more.
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { Transfer, TransferState } from "../transfer-registry.ts";
import type { Progress } from "../transitions.ts";
import { foreignData } from "./registry-access.ts";
import { transferKey } from "./registry-keys.ts";

/** A transfer as Redis has it. */
export interface StoredTransfer {
  readonly transfer: Transfer;
  /** `<count>-<random>`: another one after every change, and never the same again. */
  readonly revision: string;
  /** Place in the order of registration. */
  readonly place: number;
}

/** The fields of the first and the last time. */
export const PROGRESS_FIELDS = {
  started: ["first_started", "last_started"],
  completed: ["first_completed", "last_completed"],
} as const satisfies Readonly<Record<Progress, readonly [string, string]>>;

const STATES: readonly string[] = ["registered", "active", "inactive"] satisfies TransferState[];

/** Field, value, field, value, …; empty for what is undefined or has no items. */
export function toFields({ transfer, revision, place }: StoredTransfer): string[] {
  return Object.entries({
    name: transfer.name,
    length: `${transfer.lengthBytes}`,
    piece_length: `${transfer.pieceLengthBytes}`,
    file_count: `${transfer.fileCount}`,
    state: transfer.state,
    origins: transfer.origins.join(" "),
    targets: transfer.targets.join(" "),
    registered: isoTime(transfer.registeredAt),
    activated: isoTime(transfer.activatedAt),
    deregistered: isoTime(transfer.deactivatedAt),
    first_started: isoTime(transfer.firstStartedAt),
    last_started: isoTime(transfer.lastStartedAt),
    first_completed: isoTime(transfer.firstCompletedAt),
    last_completed: isoTime(transfer.lastCompletedAt),
    place: `${place}`,
    revision,
  }).flat();
}

/** Undefined for a hash that is not there. Throws `REGISTRY_FOREIGN`, naming key and field. */
export function fromFields(infoHash: InfoHash, fields: Readonly<Record<string, string>>): StoredTransfer | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const { text, count, time, past } = createReader(infoHash, fields);
  const state = text("state");
  if (!STATES.includes(state)) throw foreignField(infoHash, "state", state);
  const transfer = {
    infoHash,
    name: text("name"),
    lengthBytes: count("length"),
    pieceLengthBytes: count("piece_length"),
    fileCount: count("file_count"),
    state: state as TransferState,
    origins: listOf(fields["origins"]),
    targets: listOf(fields["targets"]),
    registeredAt: time("registered"),
    activatedAt: past("activated"),
    deactivatedAt: past("deregistered"),
    firstStartedAt: past("first_started"),
    lastStartedAt: past("last_started"),
    firstCompletedAt: past("first_completed"),
    lastCompletedAt: past("last_completed"),
  };
  return { transfer, revision: text("revision"), place: count("place") };
}

/** Of one length for all times, so that texts compare as times do. */
export function isoTime(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString();
}

function createReader(infoHash: InfoHash, fields: Readonly<Record<string, string>>) {
  function text(field: string): string {
    const value = fields[field];
    if (value === undefined || value === "") throw foreignField(infoHash, field, value);
    return value;
  }
  function count(field: string): number {
    const value = text(field);
    if (!/^\d{1,16}$/.test(value)) throw foreignField(infoHash, field, value);
    return Number(value);
  }
  function time(field: string): number {
    const at = Date.parse(text(field));
    if (Number.isNaN(at)) throw foreignField(infoHash, field, fields[field]);
    return at;
  }
  const past = (field: string) => (fields[field] === undefined ? undefined : time(field));
  return { text, count, time, past };
}

function listOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(" ");
}

function foreignField(infoHash: InfoHash, field: string, value: string | undefined) {
  const what = value === undefined ? `has no field ${field}` : `has ${JSON.stringify(value)} as its field ${field}`;
  return foreignData(transferKey(infoHash), `${what}, so it is no transfer`);
}
