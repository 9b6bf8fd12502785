// The little that playwright-core's types ask of the DOM: the project's own code runs where there is none.
interface Node {
  readonly nodeType: number
}
interface HTMLElement extends Node {
  readonly tagName: string
}
interface SVGElement extends Node {
  readonly tagName: string
}
type HTMLElementTagNameMap = Record<string, HTMLElement>
