/// <reference lib="dom" />
/**
 * Chromium to test the page with: started once for a test, and looked at by pixels.
 *
 * @module
 */

import { chromium, type Page } from "npm:playwright-core@1.65.1";
import type { SampleHistory, ScopeServer } from "@villas/client/scope";
import { serveScope } from "@villas/client/scope";
import { timeLimit } from "../_time_limits.ts";

const candidates = [
  Deno.env.get("CHROMIUM"),
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Path of the browser. */
export const executablePath: string | undefined = candidates.find((path) => {
  try {
    return path !== undefined && Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

if (executablePath === undefined) console.log("NOT TESTED: there is no Chromium; install it, or name it by CHROMIUM");

/** A browser with one page, which must make no errors. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Opens another page in the same browser. */
  open(url: string, size?: { width: number; height: number }): Promise<Page>;
}

/**
 * Opens a page in the browser.
 *
 * @param url Address of the page
 * @param size Size of the page, in pixels
 * @param flags Flags of the browser
 */
export async function visit(
  url: string,
  size = { width: 1280, height: 800 },
  flags: readonly string[] = [],
): Promise<Visit> {
  // As root, as in containers, there is no sandbox; the pages are those of the tests alone.
  const args = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", ...flags];
  const browser = await chromium.launch({ executablePath: executablePath ?? "", args });
  const errors: string[] = [];
  const open = async (address: string, viewport = size) => {
    const page = await browser.newPage({ viewport, deviceScaleFactor: 1, acceptDownloads: true });
    page.on("pageerror", (error) => errors.push(error.message));
    page.setDefaultTimeout(30_000);
    await page.goto(address);
    return page;
  };
  const page = await open(url);
  return {
    ...{ page, open },
    async [Symbol.asyncDispose]() {
      await browser.close();
      if (errors.length > 0) throw new Error(`The page has failed: ${errors.join("; ")}`);
    },
  };
}

/** Declares a test that needs the browser. */
export function testInBrowser(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: executablePath === undefined, timeout: timeLimit, fn });
}

/** Serves histories as files, or as links. */
export function serve(isLive: boolean, ...histories: readonly SampleHistory[]): Promise<ScopeServer> {
  return serveScope({ sources: histories.map((history, index) => ({ name: `source${index}`, isLive, history })) });
}

/** Waits until the page has drawn the rows that it has asked for. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { scopePage } = globalThis as unknown as { scopePage?: { isSettled: boolean } };
    return scopePage?.isSettled ?? false;
  });
}

/** The height range of a colour in each of some columns of a pane's traces. */
export interface Column {
  /** First and last row with the colour, from the top of the traces; undefined where there is none. */
  readonly top: number | undefined;
  readonly bottom: number | undefined;
}

/** Pixels of a pane: a column of pixels for each column of its traces. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly Column[];
}

/** Looks at the pixels of a trace, which are those whose hue is that of its colour. */
export function lookAt(page: Page, pane: number, color: readonly [number, number, number]): Promise<Picture> {
  return page.evaluate(({ pane, color }) => {
    const element = document.querySelectorAll(".pane")[pane];
    const canvas = element?.querySelector("canvas");
    const over = element?.querySelector(".u-over");
    const context = canvas?.getContext("2d");
    if (!canvas || !over || !context) throw new Error("There is no such pane");
    const [outer, inner] = [canvas.getBoundingClientRect(), over.getBoundingClientRect()];
    const [width, height] = [Math.round(inner.width), Math.round(inner.height)];
    const { data } = context.getImageData(inner.left - outer.left, inner.top - outer.top, width, height);
    const columns = Array.from({ length: width }, (_, x) => {
      let top: number | undefined;
      let bottom: number | undefined;
      for (let y = 0; y < height; y++) {
        const at = (y * width + x) * 4;
        const distance = color.reduce((sum, part, index) => sum + Math.abs(part - (data[at + index] ?? 0)), 0);
        if (distance > 120 || (data[at + 3] ?? 0) < 120) continue;
        top ??= y;
        bottom = y;
      }
      return { top, bottom };
    });
    return { width, height, columns };
  }, { pane, color });
}

/** The colours of the first traces. */
export const blue = [0x00, 0x72, 0xb2] as const;
export const orange = [0xd5, 0x5e, 0x00] as const;
