import type { PayoutRecord, ProofStep } from "@tributary/protocol/log";
import { encodeBase64Url } from "@tributary/protocol";
import { formatAmount, formatBytes } from "../logic/format.ts";

export interface StepsView {
  tell(step: ProofStep): void;
  /** What the steps lead to; null: nothing is proved. */
  end(proved: PayoutRecord | null): void;
}

/** A checklist that grows as the check goes on. */
export function createSteps(place: Element): StepsView {
  const list = document.createElement("ol");
  list.className = "steps";
  place.replaceChildren(list);
  return {
    tell({ ok, text }) {
      const item = document.createElement("li");
      item.dataset["ok"] = String(ok);
      const said = document.createElement("span");
      said.className = "sr-only";
      said.textContent = ok ? "Holds: " : "Does not hold: ";
      item.append(said, text.charAt(0).toUpperCase() + text.slice(1));
      list.append(item);
    },
    end(proved) {
      const verdict = document.createElement("p");
      verdict.className = "verdict";
      verdict.dataset["ok"] = String(proved !== null);
      verdict.textContent =
        proved === null
          ? "Not proved. Nothing after this step was checked."
          : `Proved: ${formatAmount(proved.paid)} for ${formatBytes(proved.bytes)}, to ${encodeBase64Url(proved.account)}.`;
      place.append(verdict);
    },
  };
}
