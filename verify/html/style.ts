/** How a report looks; its pictures bring their own colours. */
export const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #24292f; background: #fff; max-width: 1180px; margin: 2rem auto;
  padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #e6e9ed; padding-bottom: .3rem; }
p.quiet, td, th { color: #57606a; }
.headline { font-size: 2.6rem; font-weight: 600; margin: 1.5rem 0 0; font-variant-numeric: tabular-nums; }
.headline + p { margin-top: 0; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin: .8rem 0; }
th, td { padding: .25rem .9rem .25rem 0; text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child { text-align: left; }
.told td:last-child, .told th:last-child { text-align: left; white-space: normal; }
.told td:last-child { min-width: 16rem; }
thead th { border-bottom: 1px solid #8c959f; color: #24292f; }
tbody th { font-weight: 400; color: #24292f; }
.holds { color: #116329; } .broken { color: #a40e26; font-weight: 600; }
.scroll { overflow-x: auto; }
svg { max-width: 100%; height: auto; display: block; }
details { margin: .6rem 0; } summary { cursor: pointer; }
blockquote { margin: .8rem 0; padding-left: 1rem; border-left: 3px solid #e6e9ed; white-space: pre-wrap; }
`;
