import { annotateFolder, FolderError, watchFolder, writePlaylist } from "./index.ts";

const USAGE = `npm run roots -- <folder> [--check | --watch]

Adds #EXT-X-TRIBUTARY-ROOT lines to every HLS media playlist in the folder, so that viewers can check what other
viewers send them.

  --check   change nothing; fail where a root is missing or wrong
  --watch   stay, and do so again whenever a live packager changes the folder`;

function main(args: readonly string[]): number {
  const flags = args.filter((arg) => arg.startsWith("-"));
  const [folder, ...others] = args.filter((arg) => !arg.startsWith("-"));
  const unknown = flags.find((flag) => !["--check", "--watch"].includes(flag));
  if (unknown !== undefined || folder === undefined || others.length > 0 || flags.length > 1) {
    console.error(USAGE);
    return 2;
  }
  try {
    if (flags.includes("--watch")) return watchUntilStopped(folder);
    return flags.includes("--check") ? check(folder) : add(folder);
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function add(folder: string): number {
  const playlists = annotateFolder(folder);
  for (const playlist of playlists) {
    const isChanged = playlist.after !== playlist.before;
    if (isChanged) writePlaylist(playlist);
    console.log(`${playlist.name}: ${isChanged ? "roots added" : "up to date"}`);
  }
  return 0;
}

function check(folder: string): number {
  const playlists = annotateFolder(folder);
  const wrong = playlists.filter((playlist) => playlist.after !== playlist.before);
  for (const { name } of wrong) console.error(`${name}: roots are missing or wrong`);
  if (wrong.length === 0) console.log(`${playlists.length} playlists: every root is right`);
  return wrong.length === 0 ? 0 : 1;
}

function watchUntilStopped(folder: string): number {
  const watcher = watchFolder(folder, (line) => console.error(line));
  console.log(`watching ${folder}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => watcher.stop());
  return 0;
}

process.exitCode = main(process.argv.slice(2));
