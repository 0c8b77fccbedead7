// A wire to a Redis server that can be cut between a command and its reply.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface RedisWire {
  /** Leads to the server. */
  readonly port: number;
  /** Lets the next command of this name through, and breaks its connection instead of passing on the reply; once. */
  cutReplyTo(command: string): void;
  close(): Promise<void>;
}

export async function startRedisWire(serverPort: number): Promise<RedisWire> {
  const open = new Set<Socket>();
  let cutCommand: string | undefined;
  const listener = createServer((inner) => {
    const outer = connect(serverPort, "127.0.0.1");
    const ends = [inner, outer];
    const breakOff = () => ends.forEach((end) => end.destroy());
    for (const end of ends) {
      open.add(end);
      end.on("close", breakOff).on("error", breakOff);
      end.on("close", () => open.delete(end));
    }
    let isCut = false;
    inner.on("data", (sent) => {
      isCut = cutCommand !== undefined && sent.toString("latin1").toLowerCase().includes(cutCommand);
      if (isCut) cutCommand = undefined;
      outer.write(sent);
    });
    outer.on("data", (reply) => {
      if (isCut) breakOff();
      else inner.write(reply);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  return {
    port: (listener.address() as AddressInfo).port,
    cutReplyTo: (command) => void (cutCommand = command),
    async close() {
      for (const end of open) end.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
