/** The element that the page's own markup promises; its absence is a mistake in the markup. */
export function need<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

export const byId = <T extends Element = HTMLElement>(id: string): T => need<T>(document, `#${id}`);

/** Writes only what changed, so that nothing is read out twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A copy of what a template holds. */
export function copyOf(templateId: string): HTMLElement {
  const { content } = byId<HTMLTemplateElement>(templateId);
  return content.firstElementChild!.cloneNode(true) as HTMLElement;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** The two parts of a bar, in proportion. */
export function share(one: Element, other: Element, oneAmount: bigint, otherAmount: bigint): void {
  const total = Number(oneAmount + otherAmount);
  (one as HTMLElement).style.flexGrow = String(total === 0 ? 0 : Number(oneAmount) / total);
  (other as HTMLElement).style.flexGrow = String(total === 0 ? 0 : Number(otherAmount) / total);
}
