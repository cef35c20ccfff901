import { decodeBase64Url } from "@tributary/protocol";
import { readLogKey, readTerms, Refused } from "./ledger-api.ts";
import { byId, setText } from "./view/dom.ts";
import { createPublisherView } from "./view/publisher-view.ts";
import { accountFrom, createViewerView } from "./view/viewer-view.ts";

/** The page: whose figures are shown stands in the address, `#account=KEY` or `#publisher`, and is kept for the next visit. */

const REFRESH_MS = 10_000;
const ACCOUNT_NAME = "tributary-account";

const banner = byId("banner");
const account = byId<HTMLInputElement>("account");
const token = byId<HTMLInputElement>("token");

function complain(error: unknown): void {
  setText(banner, error instanceof Error ? error.message : String(error));
  banner.hidden = false;
}

async function begin(): Promise<void> {
  const [terms, logKey] = await Promise.all([readTerms(), readLogKey()]);
  const viewer = createViewerView(terms, logKey);
  const publisher = createPublisherView(terms);
  let isPublisher = false;
  /** Nobody is asked again and again for a token. */
  let opened = false;

  async function refresh(): Promise<void> {
    try {
      if (isPublisher && opened) await publisher.show(token.value);
      else if (!isPublisher && account.value !== "") await viewer.show(account.value);
      banner.hidden = true;
    } catch (error) {
      complain(error);
    }
  }

  async function open(): Promise<void> {
    try {
      await publisher.show(token.value);
      opened = true;
      setProblem(token, "");
    } catch (error) {
      opened = false;
      publisher.clear();
      if (!(error instanceof Refused)) return complain(error);
      // At first nothing was typed that could be wrong.
      setProblem(token, token.value === "" ? "" : error.message);
    }
    banner.hidden = true;
  }

  function read(): void {
    const asked = new URLSearchParams(location.hash.slice(1));
    isPublisher = asked.has("publisher");
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=role]"))
      input.checked = (input.value === "publisher") === isPublisher;
    byId("account-form").hidden = byId("viewer-view").hidden = isPublisher;
    byId("token-form").hidden = byId("publisher-view").hidden = !isPublisher;
    if (isPublisher) return void open();
    const named = asked.get("account") ?? localStorage.getItem(ACCOUNT_NAME) ?? "";
    const key = accountFrom(named, decodeBase64Url);
    account.value = key ?? named;
    const isWrong = key === null && named !== "";
    setProblem(account, isWrong ? "An account’s key is 43 letters, digits, “-” and “_”." : "");
    if (key === null) return viewer.clear();
    localStorage.setItem(ACCOUNT_NAME, key);
    void refresh();
  }

  byId("account-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const hash = `#account=${encodeURIComponent(account.value.trim())}`;
    if (location.hash === hash) read();
    else location.hash = hash;
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void open();
  });
  byId("roles").addEventListener("change", (event) => {
    location.hash = (event.target as HTMLInputElement).value === "publisher" ? "#publisher" : "#viewer";
  });
  addEventListener("hashchange", read);
  addEventListener("visibilitychange", () => document.hidden || void refresh());
  setInterval(() => document.hidden || void refresh(), REFRESH_MS);
  read();
}

function setProblem(input: HTMLInputElement, problem: string): void {
  input.setAttribute("aria-invalid", String(problem !== ""));
  setText(byId(`${input.id}-problem`), problem);
}

begin().catch(complain);
