import { vi } from "vitest";
import type { TrackView } from "../../../core/model.ts";
import type {
  Driver,
  LoadHandlers,
  LoadRequest,
  PlaybackMeasures,
  PlayheadReport,
} from "../../../driver-contract.ts";
import { createIdleDriver } from "../../../idle-driver.ts";

export interface ScriptedLoad {
  readonly request: LoadRequest;
  readonly handlers: LoadHandlers;
  aborted: boolean;
}

/** A driver whose loads the test answers by hand; it records what it was told. */
export interface ScriptedDriver extends Driver {
  active: boolean;
  readonly loads: ScriptedLoad[];
  readonly views: TrackView[];
  readonly contentIds: string[];
  readonly playheads: PlayheadReport[];
  readonly measures: PlaybackMeasures[];
  readonly stalled: ReturnType<typeof vi.fn<() => void>>;
}

export function createScriptedDriver(): ScriptedDriver {
  const loads: ScriptedLoad[] = [];
  const views: TrackView[] = [];
  const contentIds: string[] = [];
  const playheads: PlayheadReport[] = [];
  const measures: PlaybackMeasures[] = [];
  return {
    ...createIdleDriver("scripted"),
    active: true,
    loads,
    views,
    contentIds,
    playheads,
    measures,
    firstFrame: vi.fn<() => void>(),
    stalled: vi.fn<() => void>(),
    load(request, handlers) {
      const load: ScriptedLoad = { request, handlers, aborted: false };
      loads.push(load);
      return { abort: () => void (load.aborted = true) };
    },
    playlistUpdated: (view) => void views.push(view),
    newTitle: () => {},
    setContentId: (id) => void contentIds.push(id),
    playhead: (report) => void playheads.push(report),
    measured: (measured) => void measures.push(measured),
  };
}
