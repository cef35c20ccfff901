import { peerId } from "../codec/fields.ts";
import { message } from "../codec/message.ts";

/** This peer sent bytes that contradict a trusted root. Hearsay: it takes several to have an effect. */
export const report = message("report", 0x0a, { peer: peerId });
