import { assertEquals } from "@std/assert";
import { Screen } from "../../lib/terminal/screen.ts";
import { timeLimit } from "../_time_limits.ts";
import { spawn } from "../commands/_cli.ts";

Deno.test("Screen restores the terminal once, also without a keyboard mode", () => {
  let written = "";
  const output = {
    writeSync(bytes: Uint8Array) {
      written += new TextDecoder().decode(bytes.subarray(0, 3)); // a terminal takes what it likes
      return Math.min(3, bytes.length);
    },
  };
  const input = {
    setRaw: () => {
      throw new Deno.errors.NotSupported();
    },
    readable: new ReadableStream<Uint8Array<ArrayBuffer>>(),
  };
  const screen = new Screen({ output, input }, () => {});
  screen.draw(["a", "b"]);
  screen[Symbol.dispose]();
  screen[Symbol.dispose]();
  screen.draw(["late"]);
  assertEquals(written, "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[Ka\r\n\x1b[Jb\x1b[?7h\x1b[?25h\x1b[?1049l");
});

Deno.test("Screen reads keys, several at once and unknown ones between them", async () => {
  const input = {
    setRaw: () => {},
    readable: ReadableStream.from([new TextEncoder().encode("\x1b[A\x1b[Bx\x1b[C "), new TextEncoder().encode("q")]),
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const pressed: string[] = [];
  using _screen = new Screen({ output: { writeSync: (bytes) => bytes.length }, input }, (key) => {
    pressed.push(key);
    if (key === "q") resolve();
  });
  await promise;
  assertEquals(pressed, ["up", "down", "space", "q"]);
});

Deno.test({
  name: "Screen gives the terminal to the shell while the process is stopped, and draws nothing there",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const program = new URL("_screen_program.ts", import.meta.url).pathname;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    await using process = spawn(Deno.execPath(), ["run", "-qA", `--config=${config}`, program]);
    await process.expectOutput(/drawn/);
    process.kill("SIGTSTP");
    await untilStopped(process.pid);
    process.kill("SIGCONT");
    // deno-lint-ignore no-control-regex -- what a terminal is told
    await process.expectOutput(/\x1b\[\?7h\x1b\[\?25h\x1b\[\?1049l\x1b\[\?1049h[^]*drawn/);
    process.kill("SIGKILL");
    await process.finish();
  },
});

/** Waits until the system has stopped a process. */
async function untilStopped(pid: number): Promise<void> {
  const deadline = performance.now() + timeLimit;
  for (;;) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    if (/^State:\s+T/m.test(status)) return;
    if (performance.now() > deadline) throw new Error(`The process was not stopped: ${/^State.*$/m.exec(status)?.[0]}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
