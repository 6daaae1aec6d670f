import { openUdp } from "@villas/client/transports";
import { testUdp } from "./_udp_suite.ts";

testUdp({
  name: "openUdp({ batch: false })",
  open: (options) => openUdp({ batch: false, ...options }),
  options: { batch: false },
  flags: [],
  flood: 2000,
  countsAlone: false,
});
