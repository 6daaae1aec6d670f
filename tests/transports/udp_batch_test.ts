import { openUdpBatch } from "@villas/client";
import { testUdp } from "./_udp_suite.ts";

/** Opens one that does batches, or fails. */
const open: typeof openUdpBatch = (options) =>
  openUdpBatch({
    onFallback: (why) => {
      throw new Error(why);
    },
    ...options,
  });
const ignore = Deno.build.os !== "linux";

testUdp({
  name: "openUdpBatch",
  open,
  module: "transports/udp_batch.ts",
  flags: ["--allow-ffi"],
  flood: 30_000,
  countsAlone: true,
  ignore,
});
