// How the report looks: on a phone, on paper, by day and by night.
#pragma once

namespace wgan {

// From the doctype to the end of <head>. The policy keeps a browser from loading anything at all.
inline constexpr const char* kReportHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Wasserstein GANs in the laboratory</title>
<style>
:root {
  --ground: #fcfcfa; --text: #1c1c1e; --quiet: #55585c; --line: #d5d7da; --link: #0b5cad;
  --held: #17602c; --failed: #9b1c1c; --band: #f1f2f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181b; --text: #e7e7e5; --quiet: #abb0b6; --line: #3b4046; --link: #8ab8f5;
    --held: #84d99b; --failed: #ff9d95; --band: #212429;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
p, li, figcaption { max-width: 46rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px;
}
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .3rem .6rem; }
nav ol { padding-left: 1.6rem; columns: 22rem auto; column-gap: 2.5rem; }
main > section + section { border-top: 1px solid var(--line); }
figure { margin: 1rem 0; }
img {
  display: block; max-width: 100%; height: auto; background: #ffffff;
  border: 1px solid var(--line); border-radius: 8px;
}
math { font-size: 1.06em; }
.whole { white-space: nowrap; }
figcaption { color: var(--quiet); margin-top: .4rem; font-size: .95rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .95rem; min-width: min(24rem, 100%); }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td {
  text-align: left; vertical-align: top; padding: .35rem .7rem;
  border-bottom: 1px solid var(--line);
}
thead th { background: var(--band); }
tbody th { font-weight: 500; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.held, .failed { font-weight: 650; white-space: nowrap; }
.held { color: var(--held); }
.failed { color: var(--failed); }
.verdict { font-size: 1.1rem; margin: 0; }
.made { color: var(--quiet); font-size: .9rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.figure { overflow-x: auto; }
@media (max-width: 45rem) {  /* where letters would be too small, wide figures scroll */
  .figure img { min-width: calc(var(--wide) * .7); }
  th, td { padding: .3rem .45rem; }
  .held, .failed { white-space: normal; }
}
@media print {
  :root {
    --ground: #ffffff; --text: #000000; --quiet: #333333; --line: #999999; --link: #000000;
    --held: #000000; --failed: #000000; --band: #eeeeee;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .skip, summary, .made a { display: none; }
  figure, tr, caption { break-inside: avoid; }
  h2, h3, caption, thead { break-after: avoid; }
  main > section { break-before: page; }
  main > section:first-child { break-before: auto; }
  .scroll, .figure { overflow: visible; }
  .held, .failed { white-space: normal; }
  .figure img { min-width: 0; }
  img { max-height: 22cm; width: auto; border-radius: 0; }
}
</style>
</head>
)";

}  // namespace wgan
