// One TCP connection whose announces and scrapes are answered without node:http, until it brings something else.
import type { Socket } from "node:net";
import type { HostAddress } from "../../swarm/identifiers.ts";
import type { ByteWriter } from "../../wire/byte-writer.ts";
import { findHostAddress } from "../../wire/compact-address.ts";
import type { HttpRequestReader } from "../../wire/http-request.ts";
import type { FaultCounts } from "../fault-counts.ts";
import { beginResponse, endResponse } from "./response.ts";
import { LINGER_SECONDS, refusal, type RefusalKind } from "./refusals.ts";
import type { LateAnswer, TrackerAnswers } from "./tracker-answers.ts";

/** What all connections share; reader and writer are free between two events of any socket. */
export interface ConnectionParts {
  readonly answers: TrackerAnswers;
  readonly faults: FaultCounts;
  readonly limits: ConnectionLimits;
  readonly reader: HttpRequestReader;
  readonly out: ByteWriter;
  /** Seconds of a clock that never goes back. */
  readonly seconds: () => number;
  /** Takes over a socket that brings what it has been given back first. */
  readonly handOver: (socket: Socket) => void;
  /** The connection is no longer to be looked after. */
  readonly onGone: (connection: HttpConnection) => void;
}

export interface ConnectionLimits {
  /** From its first byte to its end; also how long a new connection may say nothing. */
  readonly headSeconds: number;
  /** Between two requests. */
  readonly idleSeconds: number;
  /** How long a client may leave answers unread once its socket is full. */
  readonly unreadSeconds: number;
}

/** Requests sent at once that wait for the service; the next are read when those are answered. */
const MAX_WAITING = 32;

/** A response that waits for the service, or for those before it. */
interface WaitingResponse {
  bytes: Buffer | undefined;
}

export class HttpConnection {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  #host: HostAddress | undefined;
  /** The beginning of a head, or requests whose turn has not come. */
  #rest: Buffer | undefined;
  readonly #waiting: WaitingResponse[] = [];
  #answered = 0;
  /** No more requests are read. */
  #isLast = false;
  #isEnding = false;
  #deadline: number;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#deadline = parts.seconds() + parts.limits.headSeconds;
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", ignoreError).on("close", this.#onClose);
  }

  /** Called every now and then. */
  checkTime(): void {
    if (this.#parts.seconds() < this.#deadline || this.#waiting.length > 0) return;
    if (this.#isEnding || this.#socket.writableLength > 0) this.#socket.destroy();
    else if (this.#rest === undefined) this.#finish();
    else this.#refuse("http-too-slow");
  }

  /** Answers what was asked, and no more. */
  stop(): void {
    this.#isLast = true;
    if (this.#waiting.length === 0) this.#finish();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isLast) return;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined) this.#readRequests(chunk, true);
    else this.#readRequests(Buffer.concat([rest, chunk]), false);
  };

  /** The client asks no more, but may still read. */
  readonly #onEnd = (): void => {
    this.#isLast = true;
    if (this.#waiting.length === 0) this.#finish();
  };

  readonly #onClose = (): void => {
    this.#parts.onGone(this);
  };

  /** `isFresh`: the first request's first byte has only just come. */
  #readRequests(bytes: Buffer, isFresh: boolean): void {
    const { reader, out } = this.#parts;
    out.clear();
    let at = 0;
    while (at < bytes.length && !this.#isLast) {
      if (this.#waiting.length === MAX_WAITING) return this.#waitWith(bytes, at);
      const outcome = reader.read(bytes, at, bytes.length);
      if (outcome === "incomplete") break;
      if (outcome !== "read") {
        if (this.#waiting.length > 0) return this.#waitWith(bytes, at);
        this.#flush();
        return outcome === "refused" ? this.#refuse(reader.fault) : this.#handOver(bytes.subarray(at));
      }
      at = reader.end;
      this.#answer(bytes);
    }
    this.#keep(bytes, at, isFresh || at > 0);
    this.#flush();
    if (this.#isLast && this.#waiting.length === 0) this.#finish(at === bytes.length);
  }

  /** Reads on when the responses that are due have been written. */
  #waitWith(bytes: Buffer, at: number): void {
    this.#rest = bytes.subarray(at);
    this.#socket.pause();
    this.#flush();
  }

  /** The time of a head runs from its first byte, however many pieces it comes in. */
  #keep(bytes: Buffer, at: number, isFresh: boolean): void {
    const { seconds, limits } = this.#parts;
    if (at === bytes.length) this.#deadline = seconds() + limits.idleSeconds;
    else {
      this.#rest = bytes.subarray(at);
      if (isFresh) this.#deadline = seconds() + limits.headSeconds;
    }
  }

  #answer(bytes: Buffer): void {
    const { reader, out, answers } = this.#parts;
    const { isHead, keepAlive } = reader;
    if (!keepAlive) this.#isLast = true;
    if (++this.#answered === 2) this.#socket.setNoDelay(true);
    const start = out.length;
    const bodyAt = beginResponse(out, keepAlive);
    const query = bytes.toString("latin1", reader.queryFrom, reader.queryTo);
    const sender = {
      socketHost: this.#socketHost(),
      forwardedFor: forwardedFor(bytes, reader),
      announceKey: announceKey(bytes, reader),
    };
    const late = reader.isScrape ? answers.scrape(query, sender, out) : answers.announce(query, sender, out);
    if (late === undefined) endResponse(out, bodyAt, isHead);
    if (late === undefined && this.#waiting.length === 0) return;
    const response = { bytes: late === undefined ? Buffer.from(out.bytes.subarray(start, out.length)) : undefined };
    out.length = start;
    this.#waiting.push(response);
    if (late !== undefined) void this.#await(late, response, { keepAlive, isHead });
  }

  async #await(late: LateAnswer, response: WaitingResponse, form: ResponseForm): Promise<void> {
    const writeBody = await late;
    const { out } = this.#parts;
    out.clear();
    const bodyAt = beginResponse(out, form.keepAlive);
    writeBody(out);
    endResponse(out, bodyAt, form.isHead);
    response.bytes = Buffer.from(out.view());
    if (this.#waiting[0] === response && !this.#socket.destroyed) this.#writeWaiting();
  }

  #writeWaiting(): void {
    const { out } = this.#parts;
    out.clear();
    for (let first = this.#waiting[0]?.bytes; first !== undefined; first = this.#waiting[0]?.bytes) {
      out.copy(first, first.length);
      this.#waiting.shift();
    }
    this.#flush();
    if (this.#isLast && this.#waiting.length === 0) this.#finish();
    else if (this.#socket.isPaused()) this.#proceed();
  }

  #proceed(): void {
    if (this.#isEnding || this.#socket.writableNeedDrain) return;
    const rest = this.#rest;
    this.#rest = undefined;
    this.#socket.resume();
    if (rest !== undefined) this.#readRequests(rest, true);
  }

  /** Memory that the socket still reads from is left to it. */
  #flush(): void {
    const { out, seconds, limits } = this.#parts;
    if (out.length === 0) return;
    const isTaken = this.#socket.write(out.view());
    if (this.#socket.writableLength > 0) out.renew();
    else out.clear();
    if (isTaken) return;
    this.#deadline = seconds() + limits.unreadSeconds;
    this.#socket.pause().once("drain", () => this.#proceed());
  }

  #handOver(bytes: Buffer): void {
    const { handOver, onGone } = this.#parts;
    const socket = this.#socket;
    this.#isEnding = true;
    onGone(this);
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", ignoreError).off("close", this.#onClose);
    socket.setNoDelay(true);
    socket.pause().unshift(bytes);
    handOver(socket);
    socket.resume();
  }

  #refuse(kind: RefusalKind): void {
    this.#parts.faults.count(kind);
    this.#end(refusal(kind));
  }

  /** `isReadWhole`: nothing came behind the last request, so that closing at once takes no answer with it. */
  #finish(isReadWhole = false): void {
    if (this.#isEnding) return;
    const isWritten = this.#socket.writableLength === 0;
    if (isWritten && (isReadWhole || this.#socket.readableEnded)) this.#socket.destroy();
    else this.#end();
  }

  /** Whatever still comes is read and thrown away for a while: closing before would reset the connection. */
  #end(last?: Buffer): void {
    this.#isLast = true;
    this.#isEnding = true;
    this.#rest = undefined;
    this.#deadline = this.#parts.seconds() + LINGER_SECONDS;
    if (last === undefined) this.#socket.end();
    else this.#socket.end(last);
    this.#socket.resume();
  }

  /** Looked up once: it is a system call. */
  #socketHost(): HostAddress | undefined {
    return (this.#host ??= findHostAddress(this.#socket.remoteAddress ?? ""));
  }
}

interface ResponseForm {
  readonly keepAlive: boolean;
  readonly isHead: boolean;
}

/** A connection that breaks is closed as well, and there is nobody to tell. */
function ignoreError(): void {}

function forwardedFor(bytes: Buffer, { forwardedFrom, forwardedTo }: HttpRequestReader): string | undefined {
  return forwardedFrom < 0 ? undefined : bytes.toString("latin1", forwardedFrom, forwardedTo);
}

/** What follows the slash behind the route. */
function announceKey(bytes: Buffer, { restFrom, restTo }: HttpRequestReader): string {
  return restTo - restFrom < 2 ? "" : bytes.toString("latin1", restFrom + 1, restTo);
}
