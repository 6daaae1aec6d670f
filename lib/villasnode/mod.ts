/**
 * The other end of a link: VILLASnode's configuration, read and written, the API of one that runs, and peers that stand in
 * for a node in a demo. The datagrams between both ends belong to the formats and transports.
 *
 * @module
 */

export {
  type ConfigGroup,
  type ConfigValue,
  formatLibconfig,
  parseLibconfig,
  type ParseLibconfigOptions,
} from "./libconfig.ts";
export { findRange, type Mapping, parseMapping } from "./mapping.ts";
export {
  type ClientSettings,
  clientSettingsForNode,
  type ClientSettingsOptions,
  readNodeConfig,
  type ReadNodeConfigOptions,
} from "./node_config.ts";
export { createNodeConfig, type NodeConfigOptions } from "./node_config_writer.ts";
export {
  type NodeAction,
  NodeApi,
  type NodeApiOptions,
  type NodeStatus,
  openNodeApi,
  type RunningNode,
  type RunningPath,
} from "./api/node_api.ts";
export { NodeApiError } from "./api/requests.ts";
export { findActionRisk } from "./api/risks.ts";
export { clientSettingsForRunningNode } from "./api/settings.ts";
export { type StreamSettings, streamSettingsForNode } from "./synchrophasor_node.ts";
