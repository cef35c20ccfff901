import { readSpending, type Spending, type Terms } from "../ledger-api.ts";
import {
  decimalsFor,
  formatAmount,
  formatBytes,
  formatMoney,
  formatPrice,
  formatTogether,
  formatWhen,
} from "../logic/format.ts";
import { cdnCost, priceFrom, spendingSummaryOf } from "../logic/summary.ts";
import { byId, copyOf, need, setText, share } from "./dom.ts";

export interface PublisherView {
  /** Asks the tracker and shows what it says. Rejects where it does not answer, or the token does not open it. */
  show(token: string): Promise<void>;
  clear(): void;
}

/** What a cheap CDN takes; everybody's own price differs, so it can be typed. */
const CDN_PRICE_DEFAULT = "0.01";
const PRICE_NAME = "tributary-cdn-price";

export function createPublisherView({ epochMs, pricePerGb }: Terms): PublisherView {
  const price = byId<HTMLInputElement>("cdn-price");
  let spending: Spending | null = null;
  price.value = localStorage.getItem(PRICE_NAME) ?? CDN_PRICE_DEFAULT;
  byId("price-form").addEventListener("submit", (event) => event.preventDefault());
  price.addEventListener("input", () => {
    const isPrice = priceFrom(price.value) !== null;
    price.setAttribute("aria-invalid", String(!isPrice));
    if (!isPrice) return;
    localStorage.setItem(PRICE_NAME, price.value);
    if (spending !== null) draw(spending);
  });

  function draw({ availableMicro, setAsideMicro, charges }: Spending): void {
    const perGb = priceFrom(price.value) ?? priceFrom(CDN_PRICE_DEFAULT)!;
    const { chargedMicro, cdnMicro, savedMicro, bytes } = spendingSummaryOf(charges, perGb);
    byId("publisher-summary").hidden = false;
    byId("publisher-list").hidden = false;
    byId("no-charges").hidden = charges.length > 0;
    const saved = byId("saved");
    setText(saved, formatAmount(savedMicro < 0n ? -savedMicro : savedMicro));
    saved.dataset["known"] = String(savedMicro >= 0n);
    setText(byId("saved-words"), `${savedMicro < 0n ? "more" : "less"} than the CDN would have cost`);
    const [byViewers = "", byCdn = ""] = formatTogether(chargedMicro, cdnMicro);
    setText(byId("viewers-cost"), byViewers);
    setText(byId("cdn-cost"), byCdn);
    const most = chargedMicro > cdnMicro ? chargedMicro : cdnMicro;
    share(byId("viewers-cost-bar"), byId("viewers-cost-rest"), chargedMicro, most - chargedMicro);
    share(byId("cdn-cost-bar"), byId("cdn-cost-rest"), cdnMicro, most - cdnMicro);
    setText(byId("saved-note"), `For ${formatBytes(bytes)} that viewers delivered to each other.`);
    setText(byId("available"), formatAmount(availableMicro));
    setText(byId("set-aside"), formatAmount(setAsideMicro));
    setText(byId("spent"), formatAmount(charges.reduce((sum, charge) => sum + charge.chargedMicro, 0n)));
    setText(
      byId("price-note"),
      `Viewers cost ${formatPrice(BigInt(pricePerGb))} per GB here, and only what they delivered is charged.`,
    );
    drawRows(charges, perGb);
  }

  function drawRows(charges: Spending["charges"], perGb: bigint): void {
    const most = charges.reduce((max, { chargedMicro }) => (chargedMicro > max ? chargedMicro : max), 0n);
    const decimals = decimalsFor(most);
    byId("charge-rows").replaceChildren(
      ...charges.map(({ epoch, chargedMicro, bytes }) => {
        const row = copyOf("charge-row");
        const byCdn = bytes === null ? null : cdnCost(bytes, perGb);
        setText(need(row, ".when"), formatWhen(epoch * epochMs, epochMs));
        setText(need(row, ".epoch-number"), `no. ${epoch}`);
        setText(need(row, ".bytes"), bytes === null ? "–" : formatBytes(bytes));
        setText(need(row, ".charged"), formatMoney(chargedMicro, decimals));
        setText(need(row, ".by-cdn"), byCdn === null ? "–" : formatMoney(byCdn, decimals));
        setText(need(row, ".saved"), byCdn === null ? "–" : formatMoney(byCdn - chargedMicro, decimals));
        return row;
      }),
    );
  }

  return {
    async show(token) {
      spending = await readSpending(token);
      draw(spending);
    },
    clear() {
      spending = null;
      byId("publisher-summary").hidden = true;
      byId("publisher-list").hidden = true;
    },
  };
}
