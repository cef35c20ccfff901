import type { Page } from "playwright-core";

/** What a page holds open. Counted from the page's first script on. */
export interface Holdings {
  readonly sockets: number;
  readonly connections: number;
  readonly workers: number;
  readonly intervals: number;
  /** Listeners on window and document. */
  readonly listeners: number;
}

interface LeakWindow {
  readonly holdings: () => Holdings;
}

/** Makes the page count what it opens. Call it before the page is loaded. */
export async function countHoldings(page: Page): Promise<() => Promise<Holdings>> {
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    const connections: RTCPeerConnection[] = [];
    const workers = new Set<Worker>();
    const intervals = new Set<number>();
    const listeners = new Map<string, number>();

    window.WebSocket = new Proxy(WebSocket, {
      construct(target, args) {
        const socket = Reflect.construct(target, args) as WebSocket;
        sockets.push(socket);
        return socket;
      },
    });
    window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
      construct(target, args) {
        const connection = Reflect.construct(target, args) as RTCPeerConnection;
        connections.push(connection);
        return connection;
      },
    });
    window.Worker = new Proxy(Worker, {
      construct(target, args) {
        const worker = Reflect.construct(target, args) as Worker;
        const terminate = worker.terminate.bind(worker);
        workers.add(worker);
        worker.terminate = () => {
          workers.delete(worker);
          terminate();
        };
        return worker;
      },
    });
    const { setInterval, clearInterval } = window;
    window.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const id = setInterval(...args) as unknown as number;
      intervals.add(id);
      return id;
    }) as typeof window.setInterval;
    window.clearInterval = (id) => {
      intervals.delete(id as number);
      clearInterval(id);
    };
    for (const target of [window, document] as EventTarget[]) {
      const { addEventListener, removeEventListener } = target;
      const count = (type: string, change: number): void =>
        void listeners.set(type, (listeners.get(type) ?? 0) + change);
      target.addEventListener = (...args: Parameters<EventTarget["addEventListener"]>) => {
        count(args[0], 1);
        addEventListener.apply(target, args);
      };
      target.removeEventListener = (...args: Parameters<EventTarget["removeEventListener"]>) => {
        count(args[0], -1);
        removeEventListener.apply(target, args);
      };
    }
    Object.assign(window, {
      holdings: () => ({
        sockets: sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING).length,
        connections: connections.filter(({ signalingState }) => signalingState !== "closed").length,
        workers: workers.size,
        intervals: intervals.size,
        listeners: [...listeners.values()].reduce((sum, count) => sum + count, 0),
      }),
    });
  });
  return () => page.evaluate(() => (window as unknown as LeakWindow).holdings());
}
