import { openWebSocket } from "@villas/client/transports";
import { testLink } from "./_link_suite.ts";
import { WebSocketTestServer } from "./_ws_server.ts";

testLink({
  name: "openWebSocket() as a client",
  open: (port, options) => openWebSocket({ remote: `ws://127.0.0.1:${port}/node`, check: false, ...options }),
  serve: (port = 0) => new WebSocketTestServer({ port }),
  canPause: true,
});
