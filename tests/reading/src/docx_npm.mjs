// Blocks (JSON on stdin: a list of {blocks, theme, name, path}) to Word files with the npm package docx.
import fs from "node:fs";
import { createRequire } from "node:module";
const docx = createRequire(process.cwd() + "/x.js")("docx");
const { Document, Packer, Paragraph, TextRun, TabStopType, Table, TableRow, TableCell, WidthType, BorderStyle, AlignmentType, HeadingLevel, LevelFormat, Header, Footer } = docx;
const FONTS = { serif: "Times New Roman", sans: "Calibri", lato: "Lato", roboto: "Roboto", open: "Open Sans", garamond: "Garamond", caladea: "Cambria", arial: "Arial", noto: "Georgia" };
const none = { style: BorderStyle.NONE, size: 0, color: "auto" };
const NONE = { top: none, bottom: none, left: none, right: none, insideHorizontal: none, insideVertical: none };

const runs = (rs, th, size) => rs.map(([s, f]) => new TextRun({ text: s, bold: f.includes("b") || undefined, italics: f.includes("i") || undefined,
  size: f.includes("s") ? Math.round((th.size - 1.5) * 2) : size ? size * 2 : undefined, color: f.includes("c") ? th.color : undefined }));

function block(b, th, width) {
  if (b.t === "p") return [new Paragraph({ heading: b.role === "name" && th.titlestyle ? HeadingLevel.TITLE : undefined, alignment: b.align === "c" ? AlignmentType.CENTER : b.align === "r" ? AlignmentType.RIGHT : undefined,
    spacing: { after: ((b.after || 0) + 2) * 20 }, children: runs(b.runs, th, b.size) })];
  if (b.t === "lr") return [new Paragraph({ tabStops: [{ type: TabStopType.RIGHT, position: width }], spacing: { after: 40 }, children: [...runs(b.l, th), new TextRun({ text: "\t" }), ...runs(b.r, th)] })];
  if (b.t === "ul") return b.items.map((i) => new Paragraph({ numbering: { reference: "dots", level: 0 }, children: runs(i, th) }));
  if (b.t === "h") return [new Paragraph({ heading: th.boldheads ? undefined : HeadingLevel.HEADING_1, spacing: { before: 180, after: 60 }, alignment: th.head === "center" ? AlignmentType.CENTER : undefined,
    border: ["rule", "under"].includes(th.head) ? { bottom: { style: BorderStyle.SINGLE, size: 6, color: "808080", space: 1 } } : undefined, children: [new TextRun({ text: b.text, bold: true, size: (th.size + 2) * 2 })] })];
  if (b.t === "hr") return [new Paragraph({ border: { bottom: { style: BorderStyle.SINGLE, size: 6, color: "808080", space: 1 } }, children: [] })];
  if (b.t === "gap") return th.dense ? [] : [new Paragraph({ children: [] })];
  if (b.t === "table") return [grid(b.rows.map((r) => r.map((c) => c.map((p) => ({ t: "p", runs: p })))), b.w, th, width, b.border)];
  const cols = b.t === "cols" ? b.cols : [[{ t: "p", runs: b.l }], b.r];
  const w = b.t === "cols" ? b.w : [b.w, 100 - b.w];
  return [grid([cols], w, th, width, false, b.shade)];
}

function grid(rows, w, th, width, border, shade) {
  const sum = w.reduce((a, x) => a + x, 0);
  const ws = w.map((x) => Math.round((width * x) / sum));
  return new Table({ columnWidths: ws, width: { size: width, type: WidthType.DXA }, borders: border ? undefined : NONE, rows: rows.map((r) => new TableRow({ children: r.map((c, i) => new TableCell({
    width: { size: ws[i], type: WidthType.DXA }, shading: shade && i === 0 ? { fill: shade } : undefined,
    children: c.length ? [...c.flatMap((x) => block(x, th, ws[i] - 200)), ...(c.at(-1).t === "p" ? [] : [new Paragraph({ children: [] })])] : [new Paragraph({ children: [] })] })) })) });
}

for (const { blocks, theme: th, name, path } of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const us = th.paper === "us-letter";
  const page = { size: us ? { width: 12240, height: 15840 } : { width: 11906, height: 16838 } };
  const m = Math.round(th.margin * 567);
  const width = page.size.width - 2 * m;
  const hf = (x, K) => (x ? { default: new K({ children: [new Paragraph({ children: runs(x, th) })] }) } : undefined);
  const doc = new Document({ title: name, creator: name,
    styles: { default: { document: { run: { font: FONTS[th.font] || th.font, size: Math.round(th.size * 2) } } } },
    numbering: { config: [{ reference: "dots", levels: [{ level: 0, format: LevelFormat.BULLET, text: th.glyph, alignment: AlignmentType.LEFT, style: { paragraph: { indent: { left: 400, hanging: 260 } } } }] }] },
    sections: [{ properties: { page: { ...page, margin: { top: m, bottom: m, left: m, right: m } } }, headers: hf(th.header, Header), footers: hf(th.footer, Footer), children: blocks.flatMap((b) => block(b, th, width)) }] });
  fs.writeFileSync(path, await Packer.toBuffer(doc));
}
