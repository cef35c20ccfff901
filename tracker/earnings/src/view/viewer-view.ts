import { encodeBase64Url } from "@tributary/protocol";
import type { Earning, Terms } from "../ledger-api.ts";
import { readEarnings, readLogFile, readProof } from "../ledger-api.ts";
import {
  formatAmount,
  formatBytes,
  formatDuration,
  formatPrice,
  formatTogether,
  formatWhen,
  plural,
} from "../logic/format.ts";
import { summaryOf } from "../logic/summary.ts";
import { createLogMemory } from "../verify/memory.ts";
import { obstacleToChecking, verifySignature } from "../verify/signature.ts";
import { type Claimed, verifyProof } from "../verify/verify.ts";
import { drawBars } from "./bars.ts";
import { byId, setText, share } from "./dom.ts";
import { createEarningRows } from "./earning-rows.ts";
import { createSteps } from "./steps.ts";

export interface ViewerView {
  /** Asks the tracker and shows what it says. Rejects where it does not answer. */
  show(account: string): Promise<void>;
  /** Nobody's figures. */
  clear(): void;
}

export function createViewerView(terms: Terms, logKey: string): ViewerView {
  const memory = createLogMemory(localStorage);
  let account = "";
  let earnings: readonly Earning[] = [];

  async function check(text: string, claimed: Claimed | null, place: Element): Promise<void> {
    const steps = createSteps(place);
    const obstacle = await obstacleToChecking();
    if (obstacle !== null) {
      steps.tell({ ok: false, text: `${obstacle}: use the command line below` });
      return steps.end(null);
    }
    const environment = {
      logKey,
      readFile: readLogFile,
      verify: verifySignature,
      memory,
      nowMs: Date.now,
      timeText: (ms: number) => formatWhen(ms, terms.epochMs),
    };
    const proved = await verifyProof(text, claimed, environment, (step) => steps.tell(step));
    steps.end(proved);
  }

  const rows = createEarningRows({
    async verify(earning, place) {
      const claimed = { ...earning, account };
      try {
        await check(await readProof(account, earning), claimed, place);
      } catch (error) {
        const steps = createSteps(place);
        steps.tell({ ok: false, text: `the proof cannot be had: ${(error as Error).message}` });
        steps.end(null);
      }
    },
    proofAddress: ({ epoch, publisher }) => ({
      href: `../ledger/proof?account=${account}&publisher=${publisher}&epoch=${epoch}`,
      name: `tributary-proof-${epoch}-${account.slice(0, 8)}.json`,
    }),
  });

  const file = byId<HTMLInputElement>("proof-file");
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    // The same file again is a change too.
    void chosen?.text().then((text) => check(text, null, byId("file-steps")));
    file.value = "";
  });
  const command = `npm run ledger -- verify proof.json --key '${logKey}'`;
  setText(byId("verify-command"), command);
  const copy = byId("copy-command");
  copy.addEventListener("click", () => {
    navigator.clipboard.writeText(command).then(
      () => setText(copy, "Copied"),
      () => getSelection()?.selectAllChildren(byId("verify-command")),
    );
  });
  setText(
    byId("escrow-note"),
    `At ${formatPrice(BigInt(terms.rewardPerGb))} per GB. An epoch of ${formatDuration(terms.epochMs)} is settled ` +
      `${formatDuration(terms.graceMs)} after its end; what it earned is pending for ${formatDuration(terms.escrowMs)}.`,
  );
  addEventListener("resize", () => earnings.length > 0 && drawBars(earnings, terms.epochMs));

  function draw(): void {
    const { postedMicro, pendingMicro, servedBytes, epochCount } = summaryOf(earnings);
    byId("no-account").hidden = true;
    byId("viewer-summary").hidden = earnings.length === 0;
    byId("viewer-list").hidden = false;
    const nothing = byId("nothing-yet");
    nothing.hidden = earnings.length > 0;
    setText(
      nothing,
      `Nothing is settled for this account yet. An epoch ends every ${formatDuration(terms.epochMs)} and is settled ` +
        `${formatDuration(terms.graceMs)} later; this page looks again by itself.`,
    );
    setText(byId("earned"), formatAmount(postedMicro + pendingMicro));
    const [posted = "", pending = ""] = formatTogether(postedMicro, pendingMicro);
    setText(byId("posted"), posted);
    setText(byId("pending"), pending);
    share(byId("posted-bar"), byId("pending-bar"), postedMicro, pendingMicro);
    setText(byId("served"), formatBytes(servedBytes));
    setText(byId("served-rest"), `served to other viewers in ${plural(epochCount, "epoch")}`);
    rows.show(earnings, terms.epochMs);
    if (earnings.length > 0) drawBars(earnings, terms.epochMs);
  }

  function clear(): void {
    rows.clear();
    account = "";
    earnings = [];
    for (const id of ["viewer-summary", "viewer-list"]) byId(id).hidden = true;
    byId("no-account").hidden = false;
  }

  return {
    async show(of) {
      if (of !== account) {
        clear();
        account = of;
      }
      const fresh = await readEarnings(of);
      // Another account was asked for meanwhile.
      if (of !== account) return;
      earnings = fresh;
      draw();
    },
    clear,
  };
}

/** An account's key, in the one way it can be written; null for anything else. */
export function accountFrom(text: string, decode: (text: string) => Uint8Array | null): string | null {
  const bytes = decode(text.trim());
  return bytes?.length === 32 ? encodeBase64Url(bytes) : null;
}
