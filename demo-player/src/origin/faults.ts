/** Something that goes wrong for the requests whose path it matches. */
export interface Fault {
  /** Regular expression on the path, query excluded. */
  readonly match: string;
  /** Regular expression on the client's label; absent = everybody. */
  readonly client?: string;
  /** Answers with this status and no media. */
  readonly status?: number;
  /** Waits before the first byte. */
  readonly delayMs?: number;
  /** Throttles each response. */
  readonly bytesPerSecond?: number;
  /** Breaks the connection off after so many bytes of the body. */
  readonly dropAfterBytes?: number;
  /** Falls silent after so many bytes of the body, connection open. */
  readonly stallAfterBytes?: number;
  /** Answers 200 with the whole resource whatever range was asked for. */
  readonly ignoreRange?: boolean;
  /** Flips a bit in the middle of the body. */
  readonly corrupt?: boolean;
  /** How many requests it hits; absent = all. */
  readonly times?: number;
}

export interface FaultControl {
  /** Returns a function that takes the fault away again. Throws TypeError naming a wrong field. */
  add(fault: Fault): () => void;
  clear(): void;
  list(): readonly Fault[];
  /** The first fault that hits this request, used up by one. */
  take(path: string, client: string): Fault | null;
}

const NUMBERS = [
  "status",
  "delayMs",
  "bytesPerSecond",
  "dropAfterBytes",
  "stallAfterBytes",
  "times",
] as const;
const FIELDS: ReadonlySet<string> = new Set(["match", "client", "ignoreRange", "corrupt", ...NUMBERS]);

export function createFaults(): FaultControl {
  let active: { fault: Fault; match: RegExp; client: RegExp | null; left: number }[] = [];
  return {
    add(fault) {
      checkFault(fault);
      const entry = {
        fault,
        match: new RegExp(fault.match),
        client: fault.client === undefined ? null : new RegExp(fault.client),
        left: fault.times ?? Infinity,
      };
      active.push(entry);
      return () => void (active = active.filter((other) => other !== entry));
    },
    clear: () => void (active = []),
    list: () => active.map(({ fault }) => fault),
    take(path, client) {
      const hit = active.find(
        (entry) => entry.match.test(path) && (entry.client === null || entry.client.test(client)),
      );
      if (hit === undefined) return null;
      hit.left -= 1;
      if (hit.left <= 0) active = active.filter((entry) => entry !== hit);
      return hit.fault;
    },
  };
}

function checkFault(fault: Fault): void {
  if (typeof fault !== "object" || fault === null) throw new TypeError("fault: expected an object");
  for (const field of Object.keys(fault)) {
    if (!FIELDS.has(field)) throw new TypeError(`fault.${field}: unknown field`);
  }
  checkPattern("match", fault.match);
  if (fault.client !== undefined) checkPattern("client", fault.client);
  for (const field of NUMBERS) {
    const value: unknown = fault[field];
    if (value !== undefined && (typeof value !== "number" || !(value >= 0)))
      throw new TypeError(`fault.${field}: expected a number >= 0`);
  }
}

function checkPattern(field: string, pattern: unknown): void {
  if (typeof pattern !== "string") throw new TypeError(`fault.${field}: expected a string`);
  try {
    new RegExp(pattern);
  } catch {
    throw new TypeError(`fault.${field}: not a regular expression`);
  }
}
