/**
 * Requests to the API of a VILLASnode in the way that it stands them: one at a time, with a pause behind each answer, and
 * with limits. Transports ask it before they connect, so this is below them; what the answers say about nodes and paths, and
 * their control, belongs to the VILLASnode's own room.
 *
 * @module
 */

export {
  type ApiAnswer,
  type ApiRequest,
  type Exchange,
  type IncomingAnswer,
  LengthError,
  PacedRequests,
  TimeLimitError,
  UnreachableError,
} from "./paced_requests.ts";
export { exchangeDirectly } from "./exchange.ts";
