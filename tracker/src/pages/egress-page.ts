import { decodeBase64Url, encodeBase64Url, jsonObject } from "@tributary/protocol";
import type { HttpAnswer, HttpRequest } from "../adapters/sockets/contract.ts";
import { titleOf } from "../core/swarms.ts";
import type { Ledger } from "../ledger-service/contract.ts";
import { type LedgerDoor, notLetIn } from "./ledger-pages.ts";
import type { HttpRoute } from "./pages.ts";

const PATH = "/ledger/egress";
const SWARM_BYTES = 32;
const contentIdLengthMax = 2_048;
/** A swarm keeps the id of the day on which its audience began. */
const swarmDaysMax = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

function json(status: number, body: object): HttpAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: `${JSON.stringify(body)}\n` };
}

const error = (status: number, message: string) => json(status, { error: message });

/**
 * POST: a publisher reports what its CDN gave out for a title, or swarm, in an epoch. A report for an epoch that is not
 * settled replaces the one before.
 */
export function createEgressRoute(
  ledger: Pick<Ledger, "reportEgress" | "terms">,
  door: LedgerDoor,
  swarmIdOf: (title: string, nowMs: number) => Uint8Array,
  nowMs: () => number,
): HttpRoute {
  const { epochMs } = ledger.terms;
  return {
    prefix: PATH,
    async answer({ method, path, authorization, body }: HttpRequest) {
      if (path !== PATH) return null;
      if (method !== "POST") {
        const { headers, ...rest } = error(405, "only POST");
        return { ...rest, headers: { ...headers, allow: "POST" } };
      }
      const publisher = await door(authorization);
      if (typeof publisher === "string") return notLetIn(publisher);
      if (body === null) return error(413, "the body is too long");
      const report = readReport(body, Math.floor(nowMs() / epochMs));
      if (typeof report === "string") return error(400, report);
      const { contentId, swarm, epoch, bytes } = report;
      const openedMs = epoch * epochMs;
      const ofDay = (day: number) => swarmIdOf(titleOf(publisher.name, contentId), openedMs - day * DAY_MS);
      // An epoch may go on past midnight.
      const days = Array.from({ length: swarmDaysMax + 1 }, (_, day) => day - 1);
      const swarms = swarm === null ? days.map(ofDay) : [swarm];
      const verdict = await ledger.reportEgress({ publisher: publisher.id, swarms, epoch, bytes });
      switch (verdict.kind) {
        case "kept":
          return json(200, { swarm: encodeBase64Url(verdict.swarm), epoch, bytes });
        case "settled":
          return error(409, `epoch ${epoch} is settled`);
        case "unwatched":
          return error(404, `nobody watched that in epoch ${epoch}`);
      }
    },
  };
}

interface Report {
  /** Of no meaning where a swarm is named. */
  readonly contentId: string;
  readonly swarm: Uint8Array | null;
  readonly epoch: number;
  readonly bytes: number;
}

/** A text says what is wrong with it. */
function readReport(body: Uint8Array, epochNow: number): Report | string {
  const fields = jsonObject(Buffer.from(body).toString());
  if (fields === null) return "the body must be a JSON object";
  const { contentId, swarm, epoch, bytes } = fields;
  if ((contentId === undefined) === (swarm === undefined)) return "expected either contentId or swarm";
  if (!isCount(epoch) || epoch > epochNow)
    return `epoch: expected a whole number up to ${epochNow}, the running one`;
  if (!isCount(bytes)) return "bytes: expected a whole number below 2^53";
  if (swarm === undefined)
    return typeof contentId === "string" && contentId !== "" && contentId.length <= contentIdLengthMax
      ? { contentId, swarm: null, epoch, bytes }
      : `contentId: expected text of up to ${contentIdLengthMax} characters`;
  const id = typeof swarm === "string" ? decodeBase64Url(swarm) : null;
  return id?.length === SWARM_BYTES
    ? { contentId: "", swarm: id, epoch, bytes }
    : "swarm: expected 32 bytes in base64url";
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
