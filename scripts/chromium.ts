import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { installDebianPackage } from "./debian-package.ts";

const SYSTEM_BINARIES = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"];
const FIXED_PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/** A healthy Chromium answers `--version` in well under a second, a cold disk included. */
const VERSION_TIMEOUT_MS = 20_000;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** Fails fast where the download host cannot be reached, so that the next way is tried. */
const DOWNLOAD_CONNECTION_TIMEOUT_MS = 15_000;

/**
 * Path of the Chromium that browser tests, the bench and the page checks use.
 * Looks at `CHROMIUM_PATH`, then for an installed Chrome or Chromium, then into Playwright's own cache.
 * Throws in plain words where there is none.
 */
export function findChromium(): string {
  const found = locateChromium();
  if (found === null)
    throw new Error(
      "No Chromium found. Run `npx playwright install chromium`, install Chrome or Chromium, or set CHROMIUM_PATH.",
    );
  return found;
}

/** Like `findChromium`, but installs one where none is found. */
export function ensureChromium(): string {
  const found = locateChromium();
  if (found !== null) return found;

  console.log("No Chromium found: installing one (this happens once).");
  const installed = installWithPlaywright() ?? installWithApt();
  if (installed !== null) return installed;
  throw new Error(
    "Could not install Chromium. Install Chrome or Chromium by hand and set CHROMIUM_PATH to its binary, then run this again.",
  );
}

function locateChromium(): string | null {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined && named !== "") {
    if (!isExecutable(named))
      throw new Error(`CHROMIUM_PATH names ${named}, which is not an executable file.`);
    return named;
  }
  return systemChromium() ?? playwrightChromium();
}

function systemChromium(): string | null {
  const folders = (process.env["PATH"] ?? "").split(process.platform === "win32" ? ";" : ":");
  const onPath = SYSTEM_BINARIES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...FIXED_PLACES].find((path) => isExecutable(path) && answersVersion(path)) ?? null;
}

function playwrightChromium(): string | null {
  const path = chromium.executablePath();
  return existsSync(path) && answersVersion(path) ? path : null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Some systems ship a stub that only says what to install, and a download may lack its shared libraries. */
function answersVersion(path: string): boolean {
  if (process.platform === "win32") return true;
  return spawnSync(path, ["--version"], { stdio: "ignore", timeout: VERSION_TIMEOUT_MS }).status === 0;
}

function installWithPlaywright(): string | null {
  const packageFile = createRequire(import.meta.url).resolve("@playwright/test/package.json");
  console.log("$ npx playwright install chromium");
  spawnSync(process.execPath, [join(dirname(packageFile), "cli.js"), "install", "chromium"], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: DOWNLOAD_TIMEOUT_MS,
    env: {
      ...process.env,
      PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(DOWNLOAD_CONNECTION_TIMEOUT_MS),
    },
  });
  return playwrightChromium();
}

function installWithApt(): string | null {
  return installDebianPackage("chromium") ? systemChromium() : null;
}
