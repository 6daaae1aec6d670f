/// <reference lib="dom" />
/**
 * Elements of the page: made in code, so that texts of others are never markup.
 *
 * @module
 */

/** Attributes and handlers of an element; a handler's name begins with `on`. */
export type Properties = Readonly<Record<string, string | number | boolean | ((event: never) => void) | undefined>>;

/**
 * Creates an element.
 *
 * @param tag Name of the element, with classes behind points, such as `"button.primary"`
 * @param properties Attributes; `true` sets one without a value, `false` and undefined leave it out
 * @param children Elements and texts in it
 */
export function h<T extends HTMLElement = HTMLElement>(
  tag: string,
  properties: Properties = {},
  ...children: readonly (Node | string)[]
): T {
  const [name = "div", ...classes] = tag.split(".");
  const element = document.createElement(name) as T;
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** A choice of a list: its value, and the text that is shown. */
export type Choice<T extends string> = readonly [value: T, text: string];

/** Creates a list to choose from. */
export function select<T extends string>(
  label: string,
  choices: readonly Choice<T>[],
  value: T,
  onChange: (value: T) => void,
): HTMLSelectElement {
  const element = h<HTMLSelectElement>(
    "select",
    { "aria-label": label, title: label, onchange: () => onChange(element.value as T) },
    ...choices.map(([choice, text]) => h("option", { value: choice }, text)),
  );
  element.value = value;
  return element;
}

/** Creates a button. */
export function button(text: string, title: string, onClick: () => void, classes = ""): HTMLButtonElement {
  return h<HTMLButtonElement>(`button${classes}`, { type: "button", title, onclick: onClick }, text);
}

/** Sets a text where it differs, which saves the browser the layout of what is the same. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Offers bytes to be saved as a file. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = h<HTMLAnchorElement>("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
