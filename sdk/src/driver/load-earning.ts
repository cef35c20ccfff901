/** Needed when the first grant comes, or before HELLO where somebody earns; and by nobody else. */
export const loadEarning = () => import("./earn-module.ts");
