import {
  encodeUtf8,
  MAX_ASKED_ROOTS,
  MAX_URL_BYTES,
  type AskedSegment,
  type SegmentId,
} from "@tributary/protocol";
import type { SegmentSource } from "../../core/model.ts";
import type { Clock } from "../../driver-contract.ts";

export interface RootQuestion {
  readonly id: SegmentId;
  readonly source: SegmentSource;
}

/** Gathers what is asked within a moment into few messages. */
export interface RootQuestions {
  ask(questions: readonly RootQuestion[]): void;
  /** The tracker can answer now. */
  flush(): void;
  stop(): void;
}

const gatherMs = 30;
/** Questions that wait for a tracker; the core asks again for what it still needs. */
const waitingMax = 256;

/** `send` says whether the message went out; what did not waits for `flush`. */
export function createRootQuestions(
  clock: Clock,
  send: (segments: AskedSegment[]) => boolean,
): RootQuestions {
  let waiting: AskedSegment[] = [];
  let callOff: (() => void) | null = null;

  function flush(): void {
    callOff?.();
    callOff = null;
    while (waiting.length > 0 && send(waiting.slice(0, MAX_ASKED_ROOTS))) {
      waiting = waiting.slice(MAX_ASKED_ROOTS);
    }
    waiting = waiting.slice(-waitingMax);
  }

  return {
    ask(questions) {
      for (const { id, source } of questions) {
        if (encodeUtf8(source.url).length > MAX_URL_BYTES) continue;
        waiting.push({
          id,
          url: source.url,
          rangeStart: source.rangeStartBytes ?? 0,
          rangeLength: source.rangeLengthBytes ?? 0,
        });
      }
      callOff ??= clock.after(gatherMs, flush);
    },
    flush,
    stop() {
      callOff?.();
      callOff = null;
      waiting = [];
    },
  };
}
