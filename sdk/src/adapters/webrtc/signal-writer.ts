import { encodeCandidate, encodeDescription, type SignalKind } from "@tributary/protocol";
import type { Clock } from "../../driver-contract.ts";
import { candidateToSend, readSdp, type LocalDescription } from "./sdp.ts";

/**
 * Host candidates come within this; they then travel inside the offer and save a message each. An answer never waits:
 * the answerer's first DTLS packet may overtake it, and is repeated only after a second.
 */
const gatherMs = { offer: 30, answer: 0 };
/** With these a description stays far below the limit of a SIGNAL; the rest trickles. */
const candidatesInDescription = 8;

/** Turns what the browser says about itself into SIGNAL bodies. */
export interface SignalWriter {
  /** False where the description cannot be read. */
  description(kind: "offer" | "answer", sdp: string): boolean;
  /** As in the browser's event, with the "candidate:" prefix. */
  candidate(line: string): void;
  fingerprint(): Uint8Array | null;
  /** The id of the media section, "0" before there is a local description. */
  mid(): string;
  stop(): void;
}

export function createSignalWriter(
  policy: RTCIceTransportPolicy,
  clock: Clock,
  send: (kind: SignalKind, body: Uint8Array) => void,
): SignalWriter {
  let local: LocalDescription | null = null;
  /** Candidates that wait for the description; null once it was sent and they trickle. */
  let gathered: string[] | null = [];
  let callOff = () => {};

  const add = (candidate: string) => {
    const line = candidateToSend(candidate, policy);
    if (line === null) return;
    if (gathered === null) send("candidate", encodeCandidate({ candidate: line }));
    else if (!gathered.includes(line)) gathered.push(line);
  };

  return {
    description(kind, sdp) {
      local = readSdp(sdp);
      if (local === null) return false;
      const { description } = local;
      description.candidates.forEach(add);
      callOff = clock.after(gatherMs[kind], () => {
        const known = gathered ?? [];
        gathered = null;
        send(
          kind,
          encodeDescription({ ...description, candidates: known.slice(0, candidatesInDescription) }),
        );
        known.slice(candidatesInDescription).forEach(add);
      });
      return true;
    },
    candidate: (line) => add(line.replace(/^candidate:/, "")),
    fingerprint: () => local?.description.fingerprint ?? null,
    mid: () => local?.mid ?? "0",
    stop: () => callOff(),
  };
}
