// A real Chromium, and a site on this machine whose pages it opens.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** By path; `/` is the page, which defines the function `run` and writes into `#log`. */
export type SiteFiles = Readonly<Record<string, string | Uint8Array>>;

export interface BrowserSite {
  /** Opens the page and calls its `run`, not waiting for its end. */
  openPage(options: object): Promise<Page>;
  /** Ends Chromium, too. */
  close(): Promise<void>;
}

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Host candidates with the address itself: nobody here resolves names by multicast.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];
const TYPES = new Map([
  ["", "text/html"],
  [".js", "text/javascript"],
]);

/** On a machine that is busy with other tests. */
export const PATIENT = { timeout: 60_000 };

/** `args` are further ones of Chromium. */
export async function startBrowserSite(files: SiteFiles, args: readonly string[] = []): Promise<BrowserSite> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-chromium-"));
  const options = { executablePath: "/usr/bin/chromium", args: [...ARGS, ...args] };
  const browser = await chromium.launchPersistentContext(folder, options);
  const server = createServer(({ url = "" }, response) => {
    response.statusCode = url in files ? 200 : 404;
    response.setHeader("content-type", TYPES.get(extname(url)) ?? "application/octet-stream");
    response.end(files[url]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    async openPage(options) {
      const page = await browser.newPage();
      await page.goto(address);
      await page.evaluate(`void run(${JSON.stringify(options)})`);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function logOf(page: Page): Promise<string> {
  return await page.locator("#log").innerText();
}

/** Until it is in the page's log. */
export async function expectLog(page: Page, text: string): Promise<void> {
  await expect.poll(() => logOf(page), PATIENT).toContain(text);
}

/** Where `RACKCAST_PICTURES` names a folder for it. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env["RACKCAST_PICTURES"];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}
