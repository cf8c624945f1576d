/** The style sheet of the report. Without it (a page whose policy forbids it) the report is still read from top to bottom. */
import { INKS, type Ink } from './svg.ts';

const inks = Object.entries(INKS) as [Ink, (typeof INKS)[Ink]][];

function variables(side: 'light' | 'dark'): string {
  return inks.map(([name, ink]) => `--${name}:${ink[side]}`).join(';');
}

const LIGHT = `--page:#ffffff;--panel:#f5f7fa;--link:#1d4ed8;${variables('light')}`;
const DARK = `--page:#101828;--panel:#1d2939;--link:#84adff;${variables('dark')}`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
h1{font-size:1.35rem;line-height:1.35;margin:.6rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .5rem;overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:1.6rem 0 .4rem;overflow-wrap:anywhere}
h4{font-size:.95rem;margin:1rem 0 .3rem;overflow-wrap:anywhere}
p{margin:.4rem 0;overflow-wrap:anywhere}
code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}
a{color:var(--link)}
a.term{color:inherit;text-decoration:underline dotted}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.verdict{display:inline-block;margin-top:1.4rem;padding:.15rem .7rem;border-radius:4px;color:var(--page);background:var(--quiet);font-weight:700}
.verdict.fail,.verdict.error{background:var(--worse)}
.verdict.pass{background:var(--better)}
.quiet{color:var(--quiet)}
.bad{color:var(--worse)}
.good{color:var(--better)}
.alert{border-left:4px solid var(--worse);padding:.2rem 0 .2rem 1rem;margin:1rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin:.3rem 0 1rem}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:11rem}
thead th{color:var(--quiet);font-weight:600}
tbody th{font-weight:600;text-align:left;padding-top:.7rem;white-space:normal}
tbody th[scope=row]{font-weight:400;padding-top:.25rem;padding-left:1.4rem}
.notes{margin:.1rem 0 .6rem;padding-left:1.4rem;color:var(--quiet)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:.5rem 2rem}
figure{margin:.6rem 0;min-width:0}
figcaption{font-weight:600;overflow-wrap:anywhere}
svg.chart{display:block;max-width:100%;height:auto}
figure.wide{overflow-x:auto}
figure.wide svg.chart{min-width:640px}
details{margin:.8rem 0}
summary{cursor:pointer;font-weight:600}
pre{overflow-x:auto;background:var(--panel);padding:.6rem}
dt{font-weight:600;margin-top:.5rem}
dd{margin:0 0 0 1.4rem}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.2rem}
dl.facts dt{margin:0}
dl.facts dd{margin:0;overflow-wrap:anywhere}
${inks.map(([name]) => `.f-${name}{fill:var(--${name})}.s-${name}{stroke:var(--${name})}`).join('\n')}
@media (max-width:600px){header,main,footer{padding:0 12px}dl.facts{display:block}}
@media print{:root{${LIGHT}}body{font-size:11px}header,main,footer{max-width:none}figure,tr{break-inside:avoid}a{color:inherit;text-decoration:none}.scroll,figure.wide{overflow:visible}}
`.trim();
