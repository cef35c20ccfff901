/** What is wrong with a data folder, in plain words; null where the error is about something else. */
export function folderTrouble(error: unknown): string | null {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (path === undefined || (syscall !== "mkdir" && syscall !== "open")) return null;
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return `${path} is a file, not a folder`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path} cannot be written: this user has no right to`;
    case "ENOENT":
      return syscall === "mkdir" ? `${path} cannot be made: nothing can be stored there` : null;
    default:
      return null;
  }
}
