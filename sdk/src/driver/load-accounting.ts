/** The accounts are needed when the first grant comes, and by nobody who earns nothing. */
export async function loadAccounting() {
  const { createAccounting } = await import("./accounting.ts");
  return createAccounting;
}
