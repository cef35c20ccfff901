/** The little of SVG that the plots need. Sizes are in pixels, y grows downwards. */

export interface Scale {
  /** The ends of the axis, in its own unit. */
  readonly from: number;
  readonly to: number;
  readonly fromPx: number;
  readonly toPx: number;
}

export function place({ from, to, fromPx, toPx }: Scale, value: number): number {
  return fromPx + ((value - from) / (to - from)) * (toPx - fromPx);
}

/** Round numbers from one end to the other, `count` of them or a few more. */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((each) => each >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Multiplied rather than added up: sums of 0.1 drift.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${escape(typeof value === "number" ? String(Math.round(value * 100) / 100) : value)}"`,
  );
  return content === ""
    ? `<${name}${written.join("")}/>`
    : `<${name}${written.join("")}>${content}</${name}>`;
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escape(content));
}

export function line(points: readonly (readonly [x: number, y: number])[], attributes: Attributes): string {
  const list = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return element("polyline", { points: list, fill: "none", ...attributes });
}

/** A page of its own, white in light and in dark surroundings alike. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  const head = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` };
  const content = [
    element("title", {}, escape(title)),
    element("rect", { width, height, fill: "#ffffff" }),
    text(16, 26, title, { "font-size": 15, "font-weight": "bold" }),
    ...parts,
  ].join("\n");
  return `${element("svg", { ...head, "font-family": "system-ui, sans-serif", "font-size": 12, fill: "#1f2933" }, `\n${content}\n`)}\n`;
}

function escape(raw: string): string {
  return raw
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
