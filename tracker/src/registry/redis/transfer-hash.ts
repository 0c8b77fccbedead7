// A transfer between its object and the text fields of its hash in Redis: seed 004's fields, and some more.
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { Transfer, TransferState } from "../transfer-registry.ts";
import type { Progress } from "../transitions.ts";
import { foreignData } from "./registry-access.ts";
import { transferKey } from "./registry-keys.ts";

/** A transfer as Redis has it. */
export interface StoredTransfer {
  readonly transfer: Transfer;
  /** `<count>-<random>`: another one after every write, and never the same again. */
  readonly revision: string;
  /** Another text after every note of progress; undefined before the first. */
  readonly noted: string | undefined;
  /** Place in the order of registration. */
  readonly place: number;
}

/** The fields of the first and the last time. */
export const PROGRESS_FIELDS = {
  started: ["first_started", "last_started"],
  completed: ["first_completed", "last_completed"],
} as const satisfies Readonly<Record<Progress, readonly [string, string]>>;

/** What changes without a write, and `revision` to tell that nothing was written. */
export const NOTED_FIELDS = ["revision", "noted", ...PROGRESS_FIELDS.started, ...PROGRESS_FIELDS.completed];

const STATES: readonly string[] = ["registered", "active", "inactive"] satisfies TransferState[];

/** Field, value, field, value, …; empty for what is undefined or has no items. Without progress, which is noted apart. */
export function toFields({ transfer, revision, place }: Omit<StoredTransfer, "noted">): string[] {
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
    place: `${place}`,
    revision,
  }).flat();
}

/** Undefined for a hash that is not there. Throws `REGISTRY_FOREIGN`, naming key and field. */
export function fromFields(infoHash: InfoHash, fields: Readonly<Record<string, string>>): StoredTransfer | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const reader = createReader(infoHash, fields);
  const { text, count, time, past } = reader;
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
    ...progressIn(reader),
  };
  return { transfer, revision: text("revision"), noted: fields["noted"], place: count("place") };
}

/** The same object when nothing was noted since. `fields` are `NOTED_FIELDS`. */
export function withProgress(known: StoredTransfer, fields: Readonly<Record<string, string>>): StoredTransfer {
  const { transfer, noted } = known;
  if (fields["noted"] === noted) return known;
  const progress = progressIn(createReader(transfer.infoHash, fields));
  return { ...known, noted: fields["noted"], transfer: { ...transfer, ...progress } };
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

function progressIn({ past }: Pick<ReturnType<typeof createReader>, "past">) {
  return {
    firstStartedAt: past("first_started"),
    lastStartedAt: past("last_started"),
    firstCompletedAt: past("first_completed"),
    lastCompletedAt: past("last_completed"),
  };
}

function listOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(" ");
}

function foreignField(infoHash: InfoHash, field: string, value: string | undefined) {
  const what = value === undefined ? `has no field ${field}` : `has ${JSON.stringify(value)} as its field ${field}`;
  return foreignData(transferKey(infoHash), `${what}, so it is no transfer`);
}
