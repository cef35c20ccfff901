/** The parts of the Network Information API that tell whether bytes cost the viewer something. */
interface ConnectionInfo extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}

export interface MeteredLink {
  metered(): boolean;
  /** Stops watching. */
  destroy(): void;
}

/** Where the browser cannot tell (Firefox, Safari), the link counts as unmetered. */
export function watchMeteredLink(changed: () => void, connection = connectionOrNull()): MeteredLink {
  connection?.addEventListener("change", changed);
  return {
    metered: () => connection?.saveData === true || connection?.type === "cellular",
    destroy: () => connection?.removeEventListener("change", changed),
  };
}

function connectionOrNull(): ConnectionInfo | null {
  if (typeof navigator === "undefined") return null;
  return (navigator as Navigator & { connection?: ConnectionInfo }).connection ?? null;
}
