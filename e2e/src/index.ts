export { launchBrowser, type LaunchOptions, type TestBrowser } from "./browser.ts";
export { alteredDeliveries, isHarmless, longestFreezeMs, offloadOf, reportsOf, troubles } from "./checks.ts";
export type {
  Delivery,
  PageLoading,
  PlayerError,
  ViewerConfig,
  ViewerPage,
  ViewerReport,
} from "./page/contract.ts";
export { createPages, PAGES_PREFIX } from "./pages.ts";
export { withScene, type Scene, type SceneOptions, type ViewerOverrides } from "./scene.ts";
export { checkViewers, peerBytesOf, playOn, type SoundReports } from "./sharing.ts";
export { startTrackerProcess, type TrackerProcess } from "./tracker-process.ts";
export { until } from "./until.ts";
export { openViewer, summary, type Viewer } from "./viewer.ts";
