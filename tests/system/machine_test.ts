import { assert } from "@std/assert";
import { watchMachine } from "@villas/client/system";
import { pace } from "@villas/client/timing";

Deno.test({
  name: "watchMachine() sees that this program works",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const load = watchMachine();
    const until = performance.now() + 100;
    while (performance.now() < until);
    // The kernel counts in ticks of 10 ms.
    for await (const _ of pace(100)) if (load() !== undefined) break;
    const { busy = 0, stolen = NaN } = load() ?? {};
    assert(busy > 0 && busy <= 1 && stolen >= 0 && stolen <= 1);
  },
});
