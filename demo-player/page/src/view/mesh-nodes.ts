import type { Point } from "../logic/mesh-layout.ts";
import { setText, svg } from "./dom.ts";

export interface Node {
  readonly element: SVGGElement;
  place(at: Point, radius: number): void;
  /** The ring shows where this viewer's bytes came from; null before the first. */
  setShare(peerShare: number | null): void;
}

/** One viewer: its number in a ring of its two sources. */
export function createNode(number: number): Node {
  const disc = svg("circle", { class: "node-disc" });
  // A path length of 100 lets the ring be written in percent. It starts at the top.
  const ring = { pathLength: 100, transform: "rotate(-90)" };
  const cdn = svg("circle", { class: "node-ring node-cdn", ...ring });
  const peer = svg("circle", { class: "node-ring node-peer", ...ring, "stroke-dasharray": "0 100" });
  const text = svg("text", { class: "node-number" });
  text.textContent = String(number);
  const element = svg("g", { class: "node", "data-known": "false" }, disc, cdn, peer, text);
  return {
    element,
    place(at, radius) {
      element.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
      for (const circle of [disc, cdn, peer]) circle.setAttribute("r", radius.toFixed(1));
    },
    setShare(peerShare) {
      element.dataset["known"] = String(peerShare !== null);
      const percent = Math.round((peerShare ?? 0) * 100);
      peer.setAttribute("stroke-dasharray", `${percent} ${100 - percent}`);
    },
  };
}

export interface Source {
  readonly element: SVGGElement;
  place(at: Point): void;
  setNote(text: string): void;
}

/** A labelled box: the CDN or the tracker. */
export function createSource(label: string, className: string): Source {
  const halfWidth = label.length * 4.2 + 16;
  const box = svg("rect", { x: -halfWidth, y: -15, width: 2 * halfWidth, height: 30, rx: 15 });
  const name = svg("text", { class: "source-name" });
  name.textContent = label;
  const note = svg("text", { class: "source-note", x: 0, y: -26 });
  const element = svg("g", { class: `source ${className}` }, box, name, note);
  return {
    element,
    place: (at) => element.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`),
    setNote: (text) => setText(note, text),
  };
}
