import type { Earning, EarningState } from "../ledger-api.ts";
import { decimalsFor, formatBytes, formatMoney, formatWhen, publisherName } from "../logic/format.ts";
import { byId, copyOf, need, setText } from "./dom.ts";

/** The first page of rows; the rest is a button away. */
const ROWS_AT_FIRST = 12;

const STATE_WORDS: Readonly<Record<string, string>> = {
  pending: "Pending",
  posted: "Posted",
  voided: "Withdrawn",
};
const wordsFor = (state: EarningState) => (state === null ? "Too little" : (STATE_WORDS[state] ?? state));

export interface RowActions {
  /** Checks the row's payout and says how it goes, in `place`. */
  verify(earning: Earning, place: Element): Promise<void>;
  /** The proof as a file of this name. */
  proofAddress(earning: Earning): { readonly href: string; readonly name: string };
}

interface Row {
  readonly element: HTMLElement;
  earning: Earning;
}

export interface EarningRows {
  show(earnings: readonly Earning[], epochMs: number): void;
  clear(): void;
}

/** One row for each payout. Rows stay while figures change, so that focus and opened checks stay too. */
export function createEarningRows(actions: RowActions): EarningRows {
  const body = byId("earning-rows");
  const more = byId<HTMLButtonElement>("show-more");
  const rows = new Map<string, Row>();
  let shownMax = ROWS_AT_FIRST;
  let last: { readonly earnings: readonly Earning[]; readonly epochMs: number } | null = null;

  more.addEventListener("click", () => {
    const firstNew = last?.earnings[shownMax];
    shownMax = Infinity;
    if (last === null) return;
    show(last.earnings, last.epochMs);
    const row = firstNew && rows.get(keyOf(firstNew));
    row?.element.querySelector("button")?.focus();
  });

  function createRow(earning: Earning): Row {
    const element = copyOf("earning-row");
    const row: Row = { element, earning };
    const button = need<HTMLButtonElement>(element, ".verify");
    let detail: HTMLElement | null = null;
    let busy = false;
    button.addEventListener("click", () => {
      if (busy) return;
      busy = true;
      detail ??= detailAfter(element);
      button.setAttribute("aria-expanded", "true");
      button.setAttribute("aria-controls", detail.id);
      const place = need(detail, ".steps-place");
      place.replaceChildren();
      void actions.verify(row.earning, place).finally(() => {
        busy = false;
        setText(button, "Verify again");
      });
    });
    return row;
  }

  function show(earnings: readonly Earning[], epochMs: number): void {
    last = { earnings, epochMs };
    const decimals = decimalsFor(
      earnings.reduce((most, { paidMicro }) => (paidMicro > most ? paidMicro : most), 0n),
    );
    let before: Element | null = null;
    for (const earning of earnings.slice(0, shownMax)) {
      const key = keyOf(earning);
      const row = rows.get(key) ?? createRow(earning);
      row.earning = earning;
      fill(row.element, earning, epochMs, decimals, actions);
      if (!rows.has(key)) {
        if (before === null) body.prepend(row.element);
        else before.after(row.element);
        rows.set(key, row);
      }
      const next: Element | null = row.element.nextElementSibling;
      before = next?.classList.contains("detail") ? next : row.element;
    }
    more.hidden = earnings.length <= shownMax;
  }

  return {
    show,
    clear() {
      rows.clear();
      body.replaceChildren();
      shownMax = ROWS_AT_FIRST;
      last = null;
    },
  };
}

const keyOf = ({ epoch, publisher }: Earning) => `${epoch}-${publisher}`;

function fill(
  row: HTMLElement,
  earning: Earning,
  epochMs: number,
  decimals: number,
  { proofAddress }: RowActions,
): void {
  const { epoch, publisher, bytes, paidMicro, state } = earning;
  const when = formatWhen(epoch * epochMs, epochMs);
  setText(need(row, ".when"), when);
  setText(need(row, ".epoch-number"), `no. ${epoch}`);
  const name = need(row, ".publisher");
  setText(name, publisherName(publisher));
  name.title = publisher;
  setText(need(row, ".bytes"), formatBytes(bytes));
  setText(need(row, ".paid"), formatMoney(paidMicro, decimals));
  const badge = need(row, ".state");
  setText(badge, wordsFor(state));
  badge.dataset["state"] = state ?? "none";
  need(row, ".verify").setAttribute("aria-label", `Verify the payout of ${when}`);
  const link = need<HTMLAnchorElement>(row, ".download");
  const { href, name: file } = proofAddress(earning);
  link.href = href;
  link.download = file;
  link.setAttribute("aria-label", `Proof file of ${when}`);
}

let details = 0;

function detailAfter(row: HTMLElement): HTMLElement {
  const detail = document.createElement("tr");
  detail.className = "detail";
  detail.id = `detail-${++details}`;
  const cell = document.createElement("td");
  cell.colSpan = 6;
  const place = document.createElement("div");
  place.className = "steps-place";
  place.setAttribute("role", "status");
  cell.append(place);
  detail.append(cell);
  row.after(detail);
  return detail;
}
