import { message } from "../codec/message.ts";

/** Leaves the swarm; the session stays. */
export const leave = message("leave", 0x08, {});
