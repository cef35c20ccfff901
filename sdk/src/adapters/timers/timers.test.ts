import { afterEach, expect, test, vi } from "vitest";
import { watchMeteredLink } from "./metered-link.ts";
import { watchPageLife } from "./page-life.ts";
import { createTimers } from "./timers.ts";

afterEach(() => void vi.unstubAllGlobals());

test("runs in order of time, not at all when called off, never for Infinity", async () => {
  const timers = createTimers();
  const ran: string[] = [];
  timers.after(Infinity, () => ran.push("never"));
  timers.after(0, () => ran.push("called off"))();
  timers.after(15, () => ran.push("second"));
  timers.after(1, () => ran.push("first"));
  await new Promise<void>((done) => timers.after(40, done));
  expect(ran).toEqual(["first", "second"]);
  timers.after(1, () => ran.push("after the end"));
  timers.destroy();
  timers.after(1, () => ran.push("after the end"));
  await new Promise((done) => setTimeout(done, 20));
  expect(ran).toEqual(["first", "second"]);
});

/** A page whose worker does what the test says. */
function stubWorker() {
  const posted: [id: number, delayMs: number][] = [];
  const workers: FakeWorker[] = [];
  class FakeWorker {
    onmessage: ((event: { data: number }) => void) | null = null;
    onerror: ((event: { preventDefault(): void }) => void) | null = null;
    terminated = false;
    constructor() {
      workers.push(this);
    }
    postMessage(message: [number, number]) {
      posted.push(message);
    }
    terminate() {
      this.terminated = true;
    }
  }
  vi.stubGlobal("Worker", FakeWorker);
  const page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  const hide = () => {
    page.hidden = true;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return { posted, workers, hide };
}

test("once the worker runs it keeps the time", () => {
  const { posted, workers, hide } = stubWorker();
  const timers = createTimers();
  const ran: string[] = [];
  hide();
  workers[0]!.onmessage?.({ data: 0 });
  timers.after(500, () => ran.push("a"));
  const callOff = timers.after(700, () => ran.push("b"));
  callOff();
  expect(posted).toEqual([
    [1, 500],
    [2, 700],
    [2, -1],
  ]);
  workers[0]!.onmessage?.({ data: 1 });
  workers[0]!.onmessage?.({ data: 2 });
  expect(ran).toEqual(["a"]);
  timers.destroy();
  expect(workers[0]!.terminated).toBe(true);
});

test("a visible page starts no worker, and what is pending when it is hidden moves to the worker", () => {
  const { posted, workers, hide } = stubWorker();
  const timers = createTimers();
  const ran: string[] = [];
  timers.after(60_000, () => ran.push("a"));
  expect(workers).toEqual([]);
  hide();
  workers[0]!.onmessage?.({ data: 0 });
  expect(posted.map(([id]) => id)).toEqual([1]);
  workers[0]!.onmessage?.({ data: 1 });
  expect(ran).toEqual(["a"]);
  timers.destroy();
});

test("a page that forbids workers gets its own timers back", async () => {
  const { workers, hide } = stubWorker();
  const timers = createTimers();
  hide();
  workers[0]!.onmessage?.({ data: 0 });
  const ran = new Promise<void>((done) => timers.after(5, done));
  workers[0]!.onerror?.({ preventDefault() {} });
  await ran;
  expect(workers[0]!.terminated).toBe(true);
  timers.destroy();
});

test("the page comes and goes", () => {
  const page = new EventTarget();
  const heard: string[] = [];
  const off = watchPageLife(
    {
      hidden: () => heard.push("hidden"),
      shown: () => heard.push("shown"),
      online: () => heard.push("online"),
    },
    page,
  );
  const shown = (persisted: boolean) =>
    page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  shown(false);
  page.dispatchEvent(new Event("pagehide"));
  shown(true);
  page.dispatchEvent(new Event("online"));
  off();
  page.dispatchEvent(new Event("pagehide"));
  expect(heard).toEqual(["hidden", "shown", "online"]);
});

test("T11 what counts as a metered link", () => {
  const connection = Object.assign(new EventTarget(), { saveData: false, type: "wifi" });
  let changes = 0;
  const link = watchMeteredLink(() => changes++, connection);
  expect(link.metered()).toBe(false);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  expect([link.metered(), changes]).toEqual([true, 1]);
  Object.assign(connection, { type: "wifi", saveData: true });
  expect(link.metered()).toBe(true);
  link.destroy();
  connection.dispatchEvent(new Event("change"));
  expect(changes).toBe(1);
  expect(watchMeteredLink(() => {}, null).metered()).toBe(false);
});
