import type { PeerKey } from "@tributary/protocol";
import type { AccountsInput, WarningCode } from "../core/index.ts";
import type { EarnOptions } from "../driver-contract.ts";
import type { Accounting, AccountingEnvironment } from "./accounting.ts";
import { loadEarning } from "./load-earning.ts";

const earlyMax = 1_000;
const none = new Uint8Array(0);

export interface Earning extends Accounting {
  /** For HELLO; empty where nobody is credited. Never rejects. */
  delegation(): Promise<Uint8Array>;
  /** The account in the last delegation, in base64url. */
  account(): string | null;
}

/** Stands before the accounts until the first grant comes and they are loaded. Whatever fails here costs earnings alone. */
export function createEarning(
  environment: AccountingEnvironment & {
    readonly earn: EarnOptions | null;
    warn(code: WarningCode, message: string): void;
  },
): Earning {
  const { clock, earn, identity, subtle } = environment;
  const links = new Set<PeerKey>();
  const grants: Uint8Array[] = [];
  /** What went out while the accounts were loading may be receipted all the same. */
  let early: Parameters<Accounting["sent"]>[0][] = [];
  let accounting: Accounting | null = null;
  let account: string | null = null;
  let trackerOffsetMs: number | null = null;
  let loading = false;
  let over = false;

  async function load(): Promise<void> {
    loading = true;
    const { createAccounting } = await loadEarning();
    if (over) return;
    accounting = createAccounting(environment);
    if (trackerOffsetMs !== null) accounting.feed({ type: "welcome", timeMs: clock.now() + trackerOffsetMs });
    for (const peer of links) accounting.feed({ type: "link", peer, open: true });
    accounting.feed({ type: "granted", grants });
    for (const output of early) accounting.sent(output);
    early = [];
  }

  const unpaid = (error: unknown) =>
    environment.warn("unpaid", `This session earns nothing: ${String(error)}`);

  function hold(input: AccountsInput): void {
    if (input.type === "welcome") trackerOffsetMs = input.timeMs - clock.now();
    if (input.type === "link") links[input.open ? "add" : "delete"](input.peer);
    if (input.type !== "granted") return;
    grants.push(...input.grants);
    if (loading) return;
    load().catch((error: unknown) => {
      over = true;
      grants.length = 0;
      unpaid(error);
    });
  }

  return {
    feed(input) {
      if (accounting !== null) accounting.feed(input);
      else if (!over) hold(input);
    },
    proved: (output) => accounting?.proved(output),
    sent(output) {
      if (accounting !== null) accounting.sent(output);
      else if (loading && early.length < earlyMax) early.push(output);
    },
    lastWords: (trackerUrl) => accounting?.lastWords(trackerUrl),
    account: () => account,
    async delegation() {
      try {
        if (earn === null) return none;
        const made = await (await loadEarning()).delegate(earn, identity, subtle, clock);
        account = made.account;
        return made.delegation;
      } catch (error) {
        unpaid(error);
        return none;
      }
    },
    destroy() {
      over = true;
      accounting?.destroy();
    },
  };
}
