/** Of the page; colours come from the picture's own style sheet. */
export const PAGE_STYLE = `*{box-sizing:border-box}
:root{--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de;--panel:#f6f8fa;--focus:#0550ae}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4b2;--rule:#30363d;--panel:#161b22;--focus:#79c0ff}}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;background:var(--page);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;padding:8px 14px;border-bottom:1px solid var(--rule);background:var(--panel)}
h1{font-size:16px;margin:0}h2{font:600 15px ui-monospace,Menlo,Consolas,monospace;margin:0 0 6px;overflow-wrap:anywhere}h3{font-size:13px;margin:12px 0 2px}
#standing{margin:0;color:var(--soft)}.zoom{margin-left:auto;display:flex;gap:4px}
button,input,select{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:6px;padding:3px 9px;min-height:28px}
button:focus-visible,input:focus-visible,select:focus-visible,.node:focus-visible rect{outline:3px solid var(--focus);outline-offset:1px}
.node:focus{outline:none}.node:focus-visible rect{stroke:var(--focus);stroke-width:4}
main{flex:1;display:flex;min-height:0}
nav{width:290px;overflow:auto;border-right:1px solid var(--rule)}nav ol{list-style:none;margin:0;padding:6px}
nav button{display:block;width:100%;text-align:left;border:0;border-radius:6px;padding:3px 8px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;content-visibility:auto;contain-intrinsic-size:auto 28px}
nav button:hover,nav button[aria-current=true]{background:var(--panel)}nav b{font:600 12px ui-monospace,Menlo,Consolas,monospace}
#stage{flex:1;min-width:0;overflow:hidden;touch-action:none;cursor:grab}#stage.moving{cursor:grabbing}
.node{cursor:pointer}.node.chosen rect{stroke:var(--focus);stroke-width:4}.faint{opacity:.22}.edge.near{stroke:var(--focus);stroke-width:3}
aside{width:340px;overflow:auto;border-left:1px solid var(--rule);padding:12px 14px;overflow-wrap:anywhere}
aside p{margin:4px 0}aside ul{margin:2px 0;padding-left:18px}aside li{font-size:12.5px}aside code{font:12px ui-monospace,Menlo,Consolas,monospace}
aside .soft{color:var(--soft)}aside .close{float:right}
@media (max-width:800px){nav{display:none}aside{position:absolute;right:0;bottom:0;max-height:60%;width:100%;background:var(--page);border-top:1px solid var(--rule)}}
@media print{nav,aside,.zoom,search{display:none}}`;
