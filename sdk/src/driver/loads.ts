import type { LoadFailure, LoadTiming, RequestId } from "../core/index.ts";
import type { LoadHandlers, LoadRequest } from "../driver-contract.ts";
import { guarded } from "./events.ts";

/** The player's loads that are under way. */
export interface Loads {
  add(request: LoadRequest, handlers: LoadHandlers): RequestId;
  get(id: RequestId): LoadRequest | undefined;
  started(id: RequestId, startMs: number): void;
  progress(id: RequestId, firstByteMs: number, loadedBytes: number, totalBytes: number): void;
  delivered(id: RequestId, data: ArrayBuffer, timing: LoadTiming): void;
  failed(id: RequestId, failure: LoadFailure): void;
  failAll(failure: LoadFailure): void;
  /** False where it was over already. */
  remove(id: RequestId): boolean;
}

export function createLoads(): Loads {
  const loads = new Map<RequestId, { readonly request: LoadRequest; readonly handlers: LoadHandlers }>();
  let nextId: RequestId = 1;

  const tell = (id: RequestId, call: (handlers: LoadHandlers) => void) => {
    const load = loads.get(id);
    if (load !== undefined) guarded(() => call(load.handlers));
  };
  const last = (id: RequestId, call: (handlers: LoadHandlers) => void) => {
    const load = loads.get(id);
    if (loads.delete(id) && load !== undefined) guarded(() => call(load.handlers));
  };

  return {
    add(request, handlers) {
      const id = nextId++;
      loads.set(id, { request, handlers });
      return id;
    },
    get: (id) => loads.get(id)?.request,
    started: (id, startMs) => tell(id, (handlers) => handlers.started(startMs)),
    progress: (id, firstByteMs, loadedBytes, totalBytes) =>
      tell(id, (handlers) => handlers.progress(firstByteMs, loadedBytes, totalBytes)),
    delivered: (id, data, timing) => last(id, (handlers) => handlers.delivered(data, timing)),
    failed: (id, failure) => last(id, (handlers) => handlers.failed(failure)),
    failAll(failure) {
      for (const id of [...loads.keys()]) last(id, (handlers) => handlers.failed(failure));
    },
    remove: (id) => loads.delete(id),
  };
}
