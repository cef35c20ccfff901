/** The parts of hls.js's error data that a person can be told about. */
export interface PlayerFailure {
  readonly type: string;
  readonly details: string;
  readonly response?: { readonly code?: number };
  readonly error?: { readonly message?: string };
}

/** Why playback stopped for good, in plain words. */
export function describeFailure(failure: PlayerFailure): string {
  const status = failure.response?.code ?? 0;
  if (failure.type === "networkError") {
    const what = /^(manifest|level|audioTrack)/.test(failure.details) ? "playlist" : "video";
    if (status >= 400) return `The server answered ${status} for the ${what}.`;
    if (/TimeOut$/.test(failure.details)) return `The ${what} did not arrive in time.`;
    if (/ParsingError$/.test(failure.details)) return "The playlist cannot be read.";
    return `The ${what} could not be loaded (network or CORS).`;
  }
  if (/IncompatibleCodecs/.test(failure.details)) return "This browser cannot decode the stream's codecs.";
  if (failure.type === "mediaError") return "This browser could not play the video data.";
  if (failure.type === "keySystemError")
    return "The stream is protected (DRM), which this demo does not set up.";
  return failure.error?.message ?? `The player gave up (${failure.details}).`;
}
