"""The page's style sheet and its marks: shapes that tell states apart without colour."""

from gonogo.report.markup import Html, join, tag

_SHAPES = {
    "done": '<path d="M2 6.5 5 9.5 10.5 3" fill="none" stroke="currentColor" stroke-width="2"/>',
    "failed": '<path d="M2.5 2.5l7 7m0-7l-7 7" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    "advise": '<path d="M6 1.5 11 10.5H1z" fill="currentColor"/>',
    "undone": (
        '<path d="M4 1 1.5 3.7 4 6.4M2 3.7h4.7a3.2 3.2 0 0 1 0 6.4H3.4" '
        'fill="none" stroke="currentColor" stroke-width="1.7"/>'
    ),
    "open": (
        '<path d="M6 1.2a4.8 4.8 0 0 1 0 9.6z" fill="currentColor"/>'
        '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.4"/>'
    ),
    "pending": '<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.2"/>',
}


def marks() -> Html:
    """Return the marks, once, for the whole page to use."""
    symbols = (tag("symbol", Html(shape), id=f"mark-{name}", viewBox="0 0 12 12") for name, shape in _SHAPES.items())
    stripes = Html(
        '<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" class="ground"/><rect width="2.4" height="5" class="stripe"/></pattern>'
    )
    return tag("svg", tag("defs", join(symbols), stripes), width=0, height=0, class_="marks", aria_hidden="true")


SHEET = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1c1e21; --dim: #5c6167; --rule: #dcd8cf; --faint: #ebe8e0;
  --done: #1d6b45; --failed: #b3261e; --undone: #8a5200; --advise: #2f5488; --open: #6a4589;
  --bar: #4d6a86; --shade: #4d6a861c; --shade-back: #b8740026; --sent: #9db2c6; --stripe: #c88a2e; --ground: #f0d9b0;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e6e3dc; --dim: #a09f9a; --rule: #383b40; --faint: #25282c;
    --done: #6cc698; --failed: #ff8a80; --undone: #e3ab55; --advise: #8fb4ea; --open: #c3a1e3;
    --bar: #86a6c4; --shade: #86a6c433; --shade-back: #e3ab5530; --sent: #46607a; --stripe: #e3ab55; --ground: #5e4820;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans); }
main { max-width: 1240px; margin: 0 auto; padding: clamp(1rem, 3.5vw, 3rem) clamp(.9rem, 3.5vw, 2.5rem); }
p, ul, dl, dd, h1, h2, h3, figure { margin: 0; padding: 0; }
code { font: .9em var(--mono); overflow-wrap: anywhere; }
.dim { color: var(--dim); fill: var(--dim); }
.marks { position: absolute; }
.mark { width: .8em; height: .8em; margin-right: .45em; vertical-align: -.06em; flex: none; }
.mark.pending { color: var(--dim); }
.mark.done { color: var(--done); } .mark.failed { color: var(--failed); } .mark.advise { color: var(--advise); }
.mark.undone { color: var(--undone); } .mark.open { color: var(--open); }

.masthead { border-top: 5px solid var(--tone); padding-top: 1.1rem; }
.masthead.done { --tone: var(--done); } .masthead.failed { --tone: var(--failed); }
.masthead.undone { --tone: var(--undone); } .masthead.advise { --tone: var(--advise); }
.masthead.open { --tone: var(--open); }
.eyebrow { color: var(--dim); font-size: .9rem; }
h1 { font: 700 clamp(2.2rem, 6vw, 3.6rem)/1.12 var(--serif); letter-spacing: -.015em; color: var(--tone);
  margin: .25rem 0 .3rem; }
h1 .mark { width: .68em; height: .68em; margin-right: .3em; vertical-align: .02em; }
.lead { font: 1.2rem/1.45 var(--serif); max-width: 46rem; overflow-wrap: anywhere; }
.why { margin-top: 1rem; padding: .1rem 0 .1rem 1rem; border-left: 3px solid var(--tone); max-width: 60rem; }
.why div { display: grid; grid-template-columns: 4.5rem 1fr; gap: .5rem; padding: .12rem 0; }
.why dd { white-space: pre-line; overflow-wrap: anywhere; }
.why code { font-size: .95em; font-weight: 600; user-select: all; }
dt { color: var(--dim); font-size: .85rem; line-height: 1.5rem; }

.versions { display: grid; grid-template-columns: 1fr; margin: 1.5rem 0 0; border: solid var(--rule);
  border-width: 1px 0; }
.versions div { padding: .55rem 0; position: relative; }
.versions div + div { border-top: 1px solid var(--rule); }
.versions code { font-size: 1.2rem; font-weight: 600; display: block; line-height: 1.35; }
.versions small { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; display: block; }
.numbers { display: grid; grid-template-columns: repeat(2, 1fr); gap: .3rem 1rem; padding: .6rem 0;
  border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
.numbers dd { font-size: .97rem; }
.numbers .failed { color: var(--failed); font-weight: 700; }
@media (min-width: 640px) {
  .versions { grid-template-columns: 1fr 1fr 1fr; }
  .versions div + div { border-top: 0; padding-left: 2.2rem; }
  .versions div + div::before { content: "→"; position: absolute; left: .5rem; top: 2.05rem; color: var(--dim); }
  .numbers { grid-template-columns: repeat(3, auto); justify-content: space-between; }
}
@media (min-width: 1000px) { .numbers { grid-template-columns: repeat(6, auto); } }

section { margin-top: 2.4rem; }
h2 { font: 700 1.35rem/1.3 var(--serif); margin-bottom: .6rem; }
h3 { font-size: 1rem; line-height: 1.4; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 400; }
thead tr { border-bottom: 1px solid var(--rule); }
thead th { color: var(--dim); font-size: .8rem; padding: 0 .8rem .2rem 0; }

.figure { table-layout: fixed; font-size: .88rem; line-height: 1.3; }
.figure th:first-child { width: 7.9rem; } .figure th:last-child, .figure td:last-child { width: 4.9rem; }
.figure thead th:last-child { text-align: right; padding-right: 0; }
.figure tbody th { vertical-align: top; padding: .1rem .3rem 0 0; white-space: nowrap; }
.figure tbody th small { display: block; color: var(--dim); font-size: .76rem; }
.figure tbody .mark + small, .figure tbody th small.failed, .figure tbody th small.done,
.figure tbody th small.open { padding-left: 1.65em; }
.figure tbody th small.failed { color: var(--failed); } .figure tbody th small.open { color: var(--open); }
.figure td { padding: 0; vertical-align: top; }
.figure .reading { text-align: right; padding-top: .1rem; white-space: nowrap; }
.traffic .reading { text-align: left; padding-left: 2px; }
.figure .reading small { display: block; color: var(--undone); font-size: .8rem; }
.figure .reading.failed { color: var(--failed); font-weight: 700; }
.figure .unit { color: var(--dim); font-size: .76rem; }
.figure .scale .label { font-size: 10.5px; }
.lane { display: block; overflow: visible; }
.label { font: 11px var(--sans); fill: var(--ink); font-variant-numeric: tabular-nums; }
.label.time, .scale .label { fill: var(--dim); }
.label.band { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.label.count { fill: var(--failed); font-weight: 700; }
.label.dim { fill: var(--dim); }
.grid { stroke: var(--rule); stroke-width: 1; } .grid.fine { stroke: var(--faint); }
.level { stroke: var(--rule); stroke-width: 1; stroke-dasharray: 1 3; }
.shade { fill: var(--shade); } .shade.undoing { fill: var(--shade-back); }
.bar { fill: var(--bar); } .bar.failed { fill: var(--failed); } .bar.stuck { fill: var(--failed); opacity: .55; }
.bar.undone { fill: url(#stripes); } .bar.open { fill: var(--open); opacity: .7; } .bar.rollout { fill: var(--bar); }
.legend .bar.rollout { fill: var(--shade); stroke: var(--rule); }
.edge { stroke: var(--bar); stroke-width: 2; } .edge.failed, .edge.stuck { stroke: var(--failed); }
.edge.undone { stroke: var(--stripe); } .edge.open { stroke: var(--open); }
.hold.reads { fill: var(--failed); } .hold.writes { fill: var(--stripe); } .hold.harmless { fill: var(--sent); }
.hold-edge { stroke-width: 2; } .hold-edge.reads { stroke: var(--failed); } .hold-edge.writes { stroke: var(--stripe); }
.hold-edge.harmless { stroke: var(--sent); } .reading .reads { color: var(--failed); font-weight: 700; }
.reading .writes { color: var(--undone); font-weight: 700; }
.boundary { stroke: var(--rule); stroke-width: 1; } .label.failed { fill: var(--failed); font-weight: 700; }
.stall { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 4 3; } .stall-end { stroke: var(--ink); }
.trial > p { margin: .35rem 0; } .trial > figure { margin-top: .9rem; } .trial > div { margin-top: 1.3rem; }
.trial > div + p { margin-top: 1rem; }
.locks th:first-child { overflow: hidden; text-overflow: ellipsis; }
.locks .reading small.writes { color: var(--undone); }
.ground { fill: var(--ground); } .stripe { fill: var(--stripe); }
.sent { fill: var(--sent); } .failures { fill: var(--failed); } .failure { fill: var(--failed); }
.reach { stroke: var(--failed); stroke-width: 1; }
.latency { fill: none; stroke: var(--ink); stroke-width: 1.4; vector-effect: non-scaling-stroke; }
figcaption { color: var(--dim); font-size: .84rem; margin-top: .35rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; list-style: none; }
.legend svg { margin-right: .4em; vertical-align: -.02em; }
.times .label.fine, .grid.fine { display: none; }
@media (min-width: 760px) { .times .label.fine, .grid.fine { display: inline; } }

article { border-top: 1px solid var(--rule); padding: .6rem 0 .75rem; }
article header p { color: var(--dim); font-size: .86rem; padding-left: 1.25rem; }
.story { display: grid; gap: .5rem 2rem; min-width: 0; margin-top: .25rem; }
.findings { list-style: none; font-size: .92rem; min-width: 0; }
.findings li { display: grid; grid-template-columns: 5.2rem 1fr; gap: 0 .6rem; padding: .1rem 0; }
.findings b { font-weight: 400; white-space: nowrap; color: var(--dim); }
.findings .block b { color: var(--failed); font-weight: 700; } .findings .advise b { color: var(--advise); }
.findings code { font-size: .84em; line-height: 1.65; color: var(--dim); }
.message { grid-column: 2; white-space: pre-wrap; overflow-wrap: anywhere; }
.hint { display: block; color: var(--dim); } .hint::before { content: "→ "; }
.evidence { font-size: .86rem; align-self: start; table-layout: fixed; }
.evidence th:first-child { width: 38%; }
.evidence tbody th { color: var(--dim); vertical-align: top; padding: .08rem .8rem .08rem 0; overflow-wrap: anywhere; }
.story figure { margin: .6rem 0; grid-column: 1 / -1; min-width: 0; } .story figcaption { color: var(--dim); }
.story pre { margin: .2rem 0; overflow-x: auto; font-size: .82rem; line-height: 1.35; }
.evidence td { overflow-wrap: anywhere; padding: .08rem 0; vertical-align: top; }
.data { font-size: .9rem; } .data th, .data td { padding: .25rem 1.2rem .25rem 0; vertical-align: top; }
.data tbody th { font-family: var(--mono); font-size: .86em; }
.data tbody tr + tr { border-top: 1px solid var(--faint); }
@media (max-width: 640px) {
  .data thead { position: absolute; clip-path: inset(50%); }
  .data, .data tbody, .data tr, .data th, .data td { display: block; padding: 0; border: 0; overflow-wrap: anywhere; }
  .data tr { padding: .3rem 0; } .data tr + tr { border-top: 1px solid var(--rule); }
  .data td { display: grid; grid-template-columns: 7.5rem 1fr; gap: .5rem; }
  .data td::before { content: attr(data-label); color: var(--dim); }
}
figure + div { margin-top: 1.2rem; }
section > p { max-width: 46rem; overflow-wrap: anywhere; white-space: pre-line; }
footer { margin-top: 2.6rem; padding-top: .7rem; border-top: 1px solid var(--rule); color: var(--dim);
  font-size: .86rem; display: flex; flex-wrap: wrap; justify-content: space-between; gap: .3rem 2rem; }
@media (min-width: 900px) {
  article { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1.5rem; }
  .findings li { grid-template-columns: 5.2rem 10rem 1fr; }
  .message { grid-column: 3; }
  .story { margin-top: 0; }
  .evidence { max-width: 48rem; } .evidence th:first-child { width: 11rem; }
}
@media (min-width: 1200px) {
  .story { grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); }
  .findings + .evidence th:first-child { width: 38%; }
  .findings:last-child, .evidence:first-child { grid-column: 1 / -1; }
}
@media print {
  :root {
    --paper: #fff; --ink: #111; --dim: #555; --rule: #ccc; --faint: #e6e6e6;
    --done: #1d6b45; --failed: #b3261e; --undone: #8a5200; --advise: #2f5488; --open: #6a4589;
    --bar: #4d6a86; --shade: #4d6a861c; --shade-back: #b8740026; --sent: #9db2c6; --stripe: #c88a2e; --ground: #f0d9b0;
  }
  body { font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  article, figure, .why, .versions { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""
