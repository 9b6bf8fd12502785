import { createHash } from 'node:crypto'

// Two icons, drawn by the browser from masks, so that they take the text's colour: some 300 bytes a page, however
// many entries it has.
const icon = (path: string): string =>
  `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='${path}'/%3E%3C/svg%3E")`
const fileIcon = icon('M3 1h6l4 4v10H3zM9 2v3h3z')
const directoryIcon = icon('M1 3h5l2 2h7v9H1z')

/** The style of the page; it says nothing that the text does not. */
export const style: string = [
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif;--line:color-mix(in srgb,currentColor 14%,transparent)}',
  'body{max-width:60rem;margin:0 auto;padding:1.25rem 1rem}',
  'h1{font-size:1.4rem;margin:0 0 .25rem;overflow-wrap:anywhere}',
  'nav{overflow-wrap:anywhere}',
  'nav+p{margin:0}',
  'a{color:light-dark(#0b57d0,#a8c7fa)}',
  'hr{color:inherit;border:0;border-top:1px solid var(--line);margin:0}',
  'form{margin-top:1rem}',
  'form p{display:flex;align-items:center;gap:1rem;margin:0 0 .75rem}',
  'input{font:inherit;padding:.35rem .7rem;flex:0 1 24rem;min-width:0;border:1px solid var(--line);border-radius:.5rem;background:none}',
  // Column heads stand over their columns.
  'form div,li{display:grid;grid-template-columns:1fr 6rem 9.5rem;gap:0 1rem;padding:.3rem .5rem}',
  'button{font:600 .875rem system-ui,sans-serif;border:0;background:none;color:inherit;padding:.2rem 0;text-align:start;cursor:pointer}',
  'button:hover{text-decoration:underline}',
  'button:nth-child(2),li>:nth-child(2){text-align:end}',
  // Safari takes a list without marker for no list, but not one with an empty marker.
  'ul{list-style-type:"";margin:0;padding:0}',
  'li{border-bottom:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 2.2rem}',
  'li[hidden]{display:none}',
  'li:last-child{border:0}',
  'li:hover,li:focus-within{background:color-mix(in srgb,currentColor 6%,transparent)}',
  // A name in another direction does not turn what stands beside it.
  'li a{overflow-wrap:anywhere;unicode-bidi:isolate;text-decoration:none}',
  'li a:hover,li a:focus-visible{text-decoration:underline}',
  `li a::before{content:"";display:inline-block;width:1em;height:1em;margin-inline-end:.6em;vertical-align:-.15em;background:GrayText;mask:${fileIcon} center/contain no-repeat}`,
  `li a[href$="/"]::before{background:light-dark(#c77700,#fdd663);mask-image:${directoryIcon}}`,
  'li>:not(a){font-size:.875rem;line-height:1.7;opacity:.8;font-variant-numeric:tabular-nums}',
  '@media(max-width:36rem){li,li a{display:block}li>:not(a){margin-inline-start:1.6rem}li>:empty{display:none}form div{grid-template-columns:1fr auto auto}}',
].join('')

/**
 * What the page can do with scripts: filter by name, and go about by keyboard: `/` to the filter, arrows from name to
 * name, Enter to the first one left, Escape back to all. Without scripts the filter's box stays hidden.
 */
export const script: string = [
  'const[f,u,s]=["input","ul","output"].map(n=>document.querySelector(n)),',
  'v=()=>[...u.children].filter(l=>!l.hidden).map(l=>l.firstChild);',
  'f.hidden=false;',
  '(f.oninput=()=>{const q=f.value.toLowerCase();let n=0;',
  'for(const l of u.children){l.hidden=!l.firstChild.textContent.toLowerCase().includes(q);n+=!l.hidden}',
  's.textContent=q?n+" of "+u.children.length:""})();',
  'onkeydown=e=>{const k=e.key,t=e.target,o=t===f;',
  'if(e.ctrlKey||e.metaKey||e.altKey||e.isComposing)return;',
  'if(k==="/"&&!o)f.focus();',
  'else if(k==="Escape"&&o){f.value="";f.oninput()}',
  'else if(k==="Enter"&&o){if(f.value)v()[0]?.click()}',
  'else if(/^Arrow(Up|Down)$/.test(k)&&(o||u.contains(t))){const l=v(),i=l.indexOf(t)+(k<"ArrowE"?1:-1);(i<0?f:l[i])?.focus()}',
  'else return;e.preventDefault()}',
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
