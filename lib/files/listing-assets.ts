import { createHash } from 'node:crypto'

// Two icons, drawn by the browser from masks, so that they take the text's colour: some 300 bytes a page, however
// many entries it has.
const icon = (path: string): string =>
  `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='${path}'/%3E%3C/svg%3E")`
const fileIcon = icon('M3 1h6l4 4v10H3zM9 2v3h3z')
const directoryIcon = icon('M1 3h5l2 2h7v9H1z')

/** The style of the page; it says nothing that the text does not. */
export const style: string = [
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}',
  'body{max-width:60rem;margin:0 auto;padding:1rem}',
  'h1{font-size:1.25rem;overflow-wrap:anywhere}',
  'nav{overflow-wrap:anywhere}',
  'hr{border:0;border-top:1px solid GrayText}',
  'form{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}',
  'button,input{font:inherit;padding:.1rem .6rem}',
  'input{flex:1 1 10rem;min-width:0}',
  'button[aria-current]{font-weight:700}',
  'ul{list-style:none;margin:0;padding:0}',
  'li{display:grid;grid-template-columns:1fr 6rem 10rem;gap:0 1rem;padding:.15rem .25rem;content-visibility:auto;contain-intrinsic-size:auto 1.8rem}',
  'li[hidden]{display:none}',
  'li:hover,li:focus-within{background:color-mix(in srgb,currentColor 8%,transparent)}',
  // A name in another direction does not turn what stands beside it.
  'li a{overflow-wrap:anywhere;unicode-bidi:isolate;text-decoration:none}',
  'li a:hover,li a:focus-visible{text-decoration:underline}',
  `li a::before{content:"";display:inline-block;width:1em;height:1em;margin-inline-end:.5em;vertical-align:-.1em;background:currentColor;mask:${fileIcon} center/contain no-repeat}`,
  `li a[href$="/"]::before{mask-image:${directoryIcon}}`,
  'li>:not(a){font-size:.875em;opacity:.75;font-variant-numeric:tabular-nums}',
  'li>:nth-child(2){text-align:end}',
  '@media(max-width:36rem){li{grid-template-columns:1fr 1fr}li a{grid-column:1/-1}li>:nth-child(2){text-align:start}}',
].join('')

/** The filter; without it its box stays hidden. */
export const script: string = [
  'const f=document.querySelector("input"),u=document.querySelector("ul"),s=document.querySelector("output");',
  'f.hidden=false;',
  'f.oninput=()=>{const q=f.value.toLowerCase();let n=0;',
  'for(const l of u.children){l.hidden=!l.firstChild.textContent.toLowerCase().includes(q);n+=!l.hidden}',
  's.textContent=q?n+" of "+u.children.length:""};',
  'addEventListener("keydown",e=>{if(e.key==="/"&&e.target!==f&&!e.ctrlKey&&!e.metaKey){e.preventDefault();f.focus()}});',
].join('')

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Allows what the page itself brings, and nothing that a name could bring in. */
export const contentSecurityPolicy: string = [
  "default-src 'none'",
  `style-src ${hash(style)}`,
  `script-src ${hash(script)}`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
].join('; ')
