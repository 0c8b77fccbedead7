// The system calls of Linux that a socket of many datagrams at a time needs, through koffi.
import { endianness } from "node:os";
import koffi from "koffi";

/** Memory is passed by its address; all numbers are the system's. Results below 0 are failures, told by `failure`. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, bytes: number): number;
  getsockname(fd: number, address: Buffer, bytes: Buffer): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, bytes: number): number;
  recvmmsg(fd: number, headers: number, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, headers: number, count: number, flags: number): number;
  close(fd: number): number;
}

/** Throws where this is not a 64-bit, little-endian Linux, or koffi does not load; the layouts in message-batch.ts are of that. */
export function loadLibc(): Libc {
  if (process.platform !== "linux" || endianness() !== "LE" || koffi.sizeof("size_t") !== 8) {
    throw new Error("batches of datagrams need a 64-bit little-endian Linux");
  }
  const library = koffi.load(null);
  return {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, void *, unsigned int)"),
    getsockname: library.func("int getsockname(int, void *, void *)"),
    setsockopt: library.func("int setsockopt(int, int, int, void *, unsigned int)"),
    // As a number: passing memory anew with every call would cost more than the call.
    recvmmsg: library.func("recvmmsg", "int", ["int", "uintptr_t", "unsigned int", "int", "void *"]),
    sendmmsg: library.func("sendmmsg", "int", ["int", "uintptr_t", "unsigned int", "int"]),
    close: library.func("int close(int)"),
  };
}

const NAMES = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** Of the call before; much cheaper than `failure`. */
export function failureCode(): string {
  const errno = koffi.errno();
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** The error of the call before, as Node.js tells its own. */
export function failure(call: string): NodeJS.ErrnoException {
  const errno = koffi.errno();
  const code = failureCode();
  return Object.assign(new Error(`${call} failed: ${code}`), { code, errno, syscall: call });
}

export function memoryAddress(memory: Buffer): number {
  return Number(koffi.address(memory));
}

/** Calls back in the event loop whenever the socket has something to be read. */
export function whenReadable(fd: number, callback: () => void): { close(): void } {
  return koffi.node.poll(fd, { readable: true }, callback);
}
