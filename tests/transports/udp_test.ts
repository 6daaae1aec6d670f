import { openUdp } from "@villas/client/transports";
import { testUdp } from "./_udp_suite.ts";

testUdp({ name: "openUdp()", open: openUdp, options: {}, flags: [], flood: 2000, countsAlone: false });
