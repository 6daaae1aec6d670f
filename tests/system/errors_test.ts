import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { describeSystemError, explainSystemError } from "@villas/client/system";

/** An error as the runtime throws it for a code of the system. */
function systemError(code: string): Error {
  return Object.assign(new Error(`Something (os error 99): rest`), { code });
}

const reasons: readonly [error: Error, opening: string, creating?: string][] = [
  [new Deno.errors.NotFound("x"), "there is no such file or folder", "there is no such folder"],
  [new Deno.errors.PermissionDenied("x"), "the system denies permission"],
  [new Deno.errors.IsADirectory("x"), "it is a folder"],
  [new Deno.errors.NotADirectory("x"), "a part of the path is not a folder"],
  [new Deno.errors.AddrInUse("x"), "the address is in use"],
  [new Deno.errors.AddrNotAvailable("x"), "this machine does not have this address"],
  [systemError("ENOENT"), "there is no such file or folder", "there is no such folder"],
  [systemError("ENOSPC"), "the disk is full"],
  [systemError("EROFS"), "the file system is read-only"],
  [systemError("EDQUOT"), "the disk quota of this user is used up"],
  [systemError("EIO"), "the device reports a fault"],
  [systemError("EMSGSIZE"), "the datagram is longer than the network takes"],
  [systemError("EXDEV"), "Something"],
  [new Error("another reason"), "another reason"],
];

for (const [error, opening, creating = opening] of reasons) {
  const { name, code = name } = error as Error & { code?: string };
  Deno.test(`describeSystemError() says "${opening}" for ${code}`, () => {
    assertEquals([describeSystemError(error), describeSystemError(error, "create")], [opening, creating]);
  });
}

Deno.test("explainSystemError() puts what failed in front, and keeps the class and the cause", async () => {
  const cause = await Deno.open("/no/such/file").catch((error) => error);
  const error = explainSystemError(cause, "Cannot write /no/such/file", "create");
  assertInstanceOf(error, Deno.errors.NotFound);
  assertEquals(error.message, "Cannot write /no/such/file: there is no such folder");
  assertStrictEquals(error.cause, cause);
});

Deno.test("explainSystemError() leaves a missing permission of Deno and what is not an error alone", () => {
  const missing = new Deno.errors.NotCapable("Requires read access");
  assertStrictEquals(explainSystemError(missing, "Cannot open x"), missing);
  assertEquals(explainSystemError("text", "Cannot open x"), "text");
});

Deno.test({
  name: "describeSystemError() knows the errors of real files and sockets",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    const full = await Deno.open("/dev/full", { write: true });
    const first = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const { port } = first.addr as Deno.NetAddr;
    const listen = (hostname: string) => Deno.listenDatagram({ transport: "udp", hostname, port });
    const attempts: [() => unknown, string][] = [
      [() => Deno.openSync(`${folder}/none`), "there is no such file or folder"],
      [() => Deno.openSync(folder, { write: true }), "it is a folder"],
      [() => Deno.openSync("/dev/full/x"), "a part of the path is not a folder"],
      [() => full.writeSync(new Uint8Array(1)), "the disk is full"],
      [() => listen("127.0.0.1"), "the address is in use"],
      [() => listen("192.0.2.1"), "this machine does not have this address"],
    ];
    for (const [attempt, reason] of attempts) {
      let found = "";
      try {
        attempt();
      } catch (error) {
        assert(error instanceof Error);
        found = describeSystemError(error);
      }
      assertEquals(found, reason);
    }
    first.close();
    full.close();
    await Deno.remove(folder);
  },
});
