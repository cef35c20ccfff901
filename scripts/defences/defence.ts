/** One place in the source, changed so that a defence is gone. `find` occurs there exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A defence, how it is switched off, and the test that performs the attack and must then fail. */
export interface Defence {
  /** As docs/SECURITY.md numbers them. */
  readonly threat: string;
  readonly rule: string;
  readonly patches: readonly Patch[];
  readonly runner: "vitest" | "playwright";
  readonly testFile: string;
  /** How the test's title begins: with the threats that it performs. */
  readonly test: string;
}

type OnePatch = Omit<Defence, "patches" | "runner"> & Patch;

/** One that a single change switches off, and a test without a browser performs. */
export const unit = ({ file, find, replace, ...of }: OnePatch): Defence => ({
  ...of,
  patches: [{ file, find, replace }],
  runner: "vitest",
});
/** The same with real Chromium viewers. */
export const browser = (of: OnePatch): Defence => ({ ...unit(of), runner: "playwright" });
