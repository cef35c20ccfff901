import type { Stream } from "../stream/stream.ts";
import { createFindings, type Checker } from "./checker.ts";

/** Per viewer and segment, until it is delivered. */
interface Account {
  verifiedBytes: number;
}

/**
 * Bytes are conserved: what an engine credits to peers was verified here before, what it says went into a segment is
 * the segment's size, and what all viewers received left somebody's uplink.
 */
export function createConservation(stream: Stream): Checker {
  const law = "byte conservation";
  const findings = createFindings(law);
  const accounts = new Map<number, Map<number, Account>>();
  let sentBytes = 0;
  let receivedBytes = 0;

  return {
    law,
    verified(viewer, sequence, bytes) {
      let segments = accounts.get(viewer);
      if (segments === undefined) accounts.set(viewer, (segments = new Map()));
      const account = segments.get(sequence);
      if (account === undefined) segments.set(sequence, { verifiedBytes: bytes });
      else account.verifiedBytes += bytes;
    },
    credited(viewer, sequence, { sizeBytes, peerBytes, cdnBytes, from }) {
      const where = `viewer ${viewer}, segment ${sequence}`;
      const segments = accounts.get(viewer);
      const verifiedBytes = segments?.get(sequence)?.verifiedBytes ?? 0;
      segments?.delete(sequence);
      if (peerBytes > verifiedBytes)
        findings.add(`${where}: ${peerBytes} bytes credited to peers, ${verifiedBytes} verified`);
      if (peerBytes + cdnBytes !== sizeBytes || sizeBytes !== stream.sizeOf(sequence))
        findings.add(`${where}: ${peerBytes} + ${cdnBytes} bytes make no ${stream.sizeOf(sequence)}`);
      if (peerBytes > 0 && from.length === 0) findings.add(`${where}: bytes of peers, but of nobody`);
    },
    uploaded(_, bytes) {
      sentBytes += bytes;
    },
    chunk(_, { lengthBytes }) {
      receivedBytes += lengthBytes;
    },
    left: (viewer) => void accounts.delete(viewer),
    finish() {
      if (receivedBytes > sentBytes) findings.add(`${receivedBytes} bytes received, ${sentBytes} sent`);
      return findings.list();
    },
  };
}
