import { describe, expect, it } from "vitest";
import { describeFailure } from "./describe-failure.ts";

describe("describing a fatal player error", () => {
  it.each([
    [
      { type: "networkError", details: "manifestLoadError", response: { code: 404 } },
      "The server answered 404 for the playlist.",
    ],
    [
      { type: "networkError", details: "fragLoadError", response: { code: 0 } },
      "The video could not be loaded (network or CORS).",
    ],
    [{ type: "networkError", details: "fragLoadTimeOut" }, "The video did not arrive in time."],
    [{ type: "networkError", details: "manifestParsingError" }, "The playlist cannot be read."],
    [
      { type: "mediaError", details: "manifestIncompatibleCodecsError" },
      "This browser cannot decode the stream's codecs.",
    ],
    [{ type: "mediaError", details: "bufferAppendError" }, "This browser could not play the video data."],
    [
      { type: "keySystemError", details: "keySystemNoAccess" },
      "The stream is protected (DRM), which this demo does not set up.",
    ],
    [{ type: "otherError", details: "internalException", error: { message: "boom" } }, "boom"],
    [{ type: "otherError", details: "internalException" }, "The player gave up (internalException)."],
  ])("%j", (failure, words) => {
    expect(describeFailure(failure)).toBe(words);
  });
});
