import type { Clock } from "../../driver-contract.ts";

/** Timers that a hidden page does not slow down, where its Content-Security-Policy allows a worker. */
export interface Timers extends Clock {
  /** Calls everything off and ends the worker. */
  destroy(): void;
}

interface Pending {
  readonly dueMs: number;
  readonly run: () => void;
  /** Set while the page's own setTimeout carries it. */
  pageTimer: ReturnType<typeof setTimeout> | null;
}

const workerSource = `const t=new Map();onmessage=({data:[i,d]})=>{
if(d<0){clearTimeout(t.get(i));t.delete(i)}else t.set(i,setTimeout(()=>{t.delete(i);postMessage(i)},d))};postMessage(0)`;

/** setTimeout takes 31 bits; a longer delay would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * The page's own timers as long as it is visible; a worker starts when it is hidden for the first time, so that
 * starting it takes nothing from startup. Without `inHiddenPages` none ever is: a CDN-only engine has nothing to
 * keep up.
 */
export function createTimers(inHiddenPages = true): Timers {
  const now = () => performance.now();
  const pending = new Map<number, Pending>();
  const page = typeof document === "undefined" ? null : document;
  let nextId = 1;
  let destroyed = false;
  let workerReady = false;
  let worker: Worker | null = null;

  const visibilityChanged = () => {
    if (page?.hidden !== true) return;
    page.removeEventListener("visibilitychange", visibilityChanged);
    worker = startWorker();
  };
  if (inHiddenPages) {
    page?.addEventListener("visibilitychange", visibilityChanged);
    visibilityChanged();
  }

  function startWorker(): Worker | null {
    if (typeof Worker !== "function" || typeof Blob !== "function") return null;
    const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    try {
      const started = new Worker(url);
      started.onmessage = ({ data }: MessageEvent<number>) => {
        if (data > 0) return fire(data);
        URL.revokeObjectURL(url);
        takeOver(started);
      };
      started.onerror = (event) => {
        // A page whose policy forbids blob workers ends here; the console need not hear of it.
        event.preventDefault();
        URL.revokeObjectURL(url);
        fallBack();
      };
      return started;
    } catch {
      URL.revokeObjectURL(url);
      return null;
    }
  }

  /** What the page's timers carry would be late from now on. */
  function takeOver(ready: Worker): void {
    if (destroyed) return;
    workerReady = true;
    for (const [id, timer] of pending) {
      if (timer.pageTimer !== null) clearTimeout(timer.pageTimer);
      timer.pageTimer = null;
      ready.postMessage([id, Math.max(0, timer.dueMs - now())]);
    }
  }

  function fire(id: number): void {
    const timer = pending.get(id);
    pending.delete(id);
    timer?.run();
  }

  /** The page's own timers: throttled when hidden, but always there. */
  function arm(id: number, timer: Pending): void {
    timer.pageTimer = setTimeout(() => fire(id), Math.max(0, timer.dueMs - now()));
  }

  function fallBack(): void {
    worker?.terminate();
    worker = null;
    for (const [id, timer] of pending) if (timer.pageTimer === null) arm(id, timer);
  }

  return {
    now,
    after(delayMs, run) {
      if (destroyed || delayMs > longestDelayMs) return () => undefined;
      const id = nextId++;
      const timer: Pending = { dueMs: now() + delayMs, run, pageTimer: null };
      pending.set(id, timer);
      if (worker !== null && workerReady) worker.postMessage([id, Math.max(0, delayMs)]);
      else arm(id, timer);
      return () => {
        if (!pending.delete(id)) return;
        if (timer.pageTimer !== null) clearTimeout(timer.pageTimer);
        else worker?.postMessage([id, -1]);
      };
    },
    destroy() {
      destroyed = true;
      page?.removeEventListener("visibilitychange", visibilityChanged);
      for (const { pageTimer } of pending.values()) if (pageTimer !== null) clearTimeout(pageTimer);
      pending.clear();
      worker?.terminate();
      worker = null;
    },
  };
}
