export { STREAM_NAMES, type StreamName } from "./catalogue.ts";
export type { ByteCount, LoggedRequest, OriginCounts } from "./counts.ts";
export type { Fault, FaultControl } from "./faults.ts";
export {
  startOrigin,
  type MountHandler,
  type Origin,
  type OriginOptions,
  type OriginPort,
} from "./origin.ts";
