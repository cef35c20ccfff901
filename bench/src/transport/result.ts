/** One run of the transport scene. All rates are payload bytes per second. */
export interface TransportResult {
  readonly run: number;
  readonly rawBytesPerSecond: number;
  readonly sdkBytesPerSecond: number;
  readonly bytes: number;
}
