import {
  askedName,
  encodeHex,
  encodeUtf8,
  MAX_ASKED_ROOTS,
  MAX_URL_BYTES,
  segmentKeyOf,
  withoutPassword,
  type AskedSegment,
  type ClientMessageOf,
  type SegmentId,
  type SegmentKey,
  type SegmentRoot,
} from "@tributary/protocol";
import type { SegmentSource } from "../../core/model.ts";
import type { Clock } from "../../driver-contract.ts";
import type { Credentials } from "./handshake.ts";

export interface RootQuestion {
  readonly id: SegmentId;
  readonly source: SegmentSource;
}

/** Gathers what is asked within a moment into few messages. */
export interface RootQuestions {
  ask(questions: readonly RootQuestion[]): void;
  /**
   * Of these roots, those of the very resource that was asked about: another one may have the same segment id, by
   * somebody's intent.
   */
  answered<Root extends Pick<SegmentRoot, "segment" | "name">>(roots: readonly Root[]): Promise<Root[]>;
  /** SHA-256 of the name that was asked about, null where nothing was. */
  nameOf(segment: SegmentId): Promise<Uint8Array> | null;
  /** The tracker can answer now. */
  flush(): void;
  stop(): void;
}

const gatherMs = 30;
/** Questions that wait for a tracker; the core asks again for what it still needs. */
const waitingMax = 256;
/** Names remembered until their root comes: a VOD window and what is held for others. */
const namesMax = 1_024;

/** `send` says whether the message went out; what did not waits for `flush`. */
export function createRootQuestions(
  clock: Clock,
  { sha256 }: Pick<Credentials, "sha256">,
  send: (message: ClientMessageOf<"hashes">) => boolean,
): RootQuestions {
  let waiting: AskedSegment[] = [];
  let callOff: (() => void) | null = null;
  const names = new Map<SegmentKey, string>();

  function flush(): void {
    callOff?.();
    callOff = null;
    while (waiting.length > 0 && send({ type: "hashes", segments: waiting.slice(0, MAX_ASKED_ROOTS) })) {
      waiting = waiting.slice(MAX_ASKED_ROOTS);
    }
    waiting = waiting.slice(-waitingMax);
  }

  function remember(segment: SegmentKey, name: string): void {
    names.delete(segment);
    names.set(segment, name);
    if (names.size > namesMax) names.delete(names.keys().next().value!);
  }

  function nameOf(segment: SegmentId): Promise<Uint8Array> | null {
    const name = names.get(segmentKeyOf(segment));
    return name === undefined ? null : sha256(encodeUtf8(name));
  }

  return {
    ask(questions) {
      for (const { id, source } of questions) {
        if (encodeUtf8(source.url).length > MAX_URL_BYTES) continue;
        const asked = {
          id,
          url: withoutPassword(source.url),
          rangeStart: source.rangeStartBytes ?? 0,
          rangeLength: source.rangeLengthBytes ?? 0,
        };
        waiting.push(asked);
        remember(segmentKeyOf(id), askedName(asked));
      }
      callOff ??= clock.after(gatherMs, flush);
    },
    async answered(roots) {
      const asked = await Promise.all(roots.map(({ segment }) => nameOf(segment)));
      return roots.filter(
        ({ name }, index) => encodeHex(asked[index] ?? new Uint8Array(0)) === encodeHex(name),
      );
    },
    nameOf,
    flush,
    stop() {
      callOff?.();
      callOff = null;
      waiting = [];
    },
  };
}
