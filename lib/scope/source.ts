/**
 * Contents of a page: links and files, with the figures and the controls of a link.
 *
 * @module
 */

import type { ControlDesk } from "./controls.ts";
import type { SampleHistory } from "./history.ts";
import type { LinkMonitor } from "./link_monitor.ts";

/** A link or a file that the page shows. */
export interface ScopeSource {
  /** Name: an address or a path. */
  readonly name: string;
  /** True if samples may still come. */
  readonly isLive: boolean;
  /** Its samples. */
  readonly history: SampleHistory;
}

/** Contents of the page, and its controls. */
export interface ScopeServerOptions {
  /** The links or files. */
  readonly sources: readonly ScopeSource[];
  /** Figures of the link. */
  readonly monitor?: LinkMonitor;
  /** The controls; without them, nothing can be sent. */
  readonly desk?: ControlDesk;
  /** A view for pages whose link holds none. */
  readonly view?: unknown;
}
