// A registry that a suite can close and open again.
import { afterEach } from "vitest";
import type { Registry } from "../../tracker/src/registry/registry.ts";

export interface RegistryHome {
  /** Opens the same registry every time. */
  open(): Registry | Promise<Registry>;
  remove(): void | Promise<void>;
}

export type Start = () => Promise<Registry>;

/** For the tests of the suite that calls it: a registry of their own, closed and removed after each. */
export function eachInNewHome(createHome: () => RegistryHome | Promise<RegistryHome>): {
  start: Start;
  restart: Start;
} {
  let home: RegistryHome | undefined;
  let registry: Registry | undefined;
  afterEach(async () => {
    await registry?.close();
    await home?.remove();
    registry = home = undefined;
  });

  return {
    async start() {
      home = await createHome();
      return (registry = await home.open());
    },
    async restart() {
      await registry?.close();
      registry = undefined;
      return (registry = await home!.open());
    },
  };
}
