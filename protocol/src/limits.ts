export const PROTOCOL_VERSION = 3;

/** A whole piece and what is said of it. */
export const MAX_PEER_MESSAGE_BYTES = 66_560;
/** Several messages that share a frame are short: one that is long goes alone. */
export const MAX_PEER_FRAME_BYTES = MAX_PEER_MESSAGE_BYTES;
export const MAX_TRACKER_MESSAGE_BYTES = 65_536;
/** The body of a SIGNAL: a description with some twenty candidates. */
export const MAX_SIGNAL_BYTES = 2_048;
/** A BITFIELD of this many segments fits one message even if each is a track of its own. */
export const MAX_BITFIELD_SEGMENTS = 3_072;
/** Each of the two lists of a HAVE. */
export const MAX_HAVE_SEGMENTS = 1_024;
/** Partners named in one message, and what a JOIN may ask for. */
export const MAX_WANTED_PEERS = 50;
export const MAX_EXCHANGED_PEERS = 32;
export const MAX_RECEIPT_BYTES = 4_096;
export const MAX_OPAQUE_BYTES = 16_384;
export const MAX_TOKEN_BYTES = 4_096;
export const MAX_CONTENT_ID_BYTES = 2_048;
export const MAX_URL_BYTES = 2_048;
export const MAX_ORIGINS = 8;
export const MAX_BYE_REASON_BYTES = 200;
export const MAX_ERROR_MESSAGE_BYTES = 500;
/** Segments in one question to the verifier. Long URLs may reach the message limit before. */
export const MAX_ASKED_ROOTS = 64;
export const MAX_ROOTS = 512;
export const MAX_INDICATORS = 256;
