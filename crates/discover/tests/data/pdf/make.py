"""Makes the PDFs of this folder: each by another writer, all with the same text. See README.md."""
import os, subprocess, sys, tempfile
import cairocffi as cairo
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link, Text
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

HERE = os.path.dirname(os.path.abspath(__file__))
ID, PHONE, CARD, MAIL = "360426199101010071", "13961835674", "6228480402564890018", "zhang.san@qilin-steel.com"
# Page by page, line by line. A list is a row of a table.
PAGES = [
    ["员工登记表", "张三", f"身份证号 {ID}"],
    [["姓名", "手机", "银行卡号"], ["李四", "", "none"], ["张三", PHONE, CARD]],
    ["Staff", f"Resident ID {ID}, e-mail {MAIL}"],
]
COLUMNS = [60, 180, 320]


ODF = ('<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
       'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
       'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
       'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3" '
       'office:mimetype="application/vnd.oasis.opendocument.text"><office:font-face-decls>'
       '<style:font-face style:name="W" svg:font-family="WenQuanYi Micro Hei"/></office:font-face-decls><office:automatic-styles>'
       '<style:style style:name="P" style:family="paragraph"><style:text-properties style:font-name="W" style:font-name-asian="W"/></style:style>'
       '<style:style style:name="N" style:family="paragraph" style:parent-style-name="P"><style:paragraph-properties fo:break-before="page"/>'
       '<style:text-properties style:font-name="W" style:font-name-asian="W"/></style:style></office:automatic-styles><office:body><office:text>')


def path(name):
    return os.path.join(HERE, name)


def html(name):
    """The first two pages as HTML."""
    out = ["<html><head><meta charset='utf-8'><style>body{font:12pt 'WenQuanYi Micro Hei'} td{padding:4pt;border:1px solid}",
           ".p{page-break-after:always}</style></head><body>"]
    for page in PAGES[:2]:
        out.append("<div class='p'>")
        if isinstance(page[0], list):
            rows = ["<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in page]
            out.append("<table>" + "".join(rows) + "</table>")
        else:
            out += [f"<p>{line}</p>" for line in page]
        out.append("</div>")
    with open(name, "w") as f:
        f.write("".join(out) + "</body></html>")


def fodt(name):
    """The text as a flat OpenDocument, a page each."""
    out = [ODF]
    for page in PAGES:
        style = "N" if out[1:] else "P"
        if isinstance(page[0], list):
            out.append(f'<text:p text:style-name="{style}"/><table:table><table:table-column table:number-columns-repeated="3"/>')
            for row in page:
                cells = (f'<table:table-cell><text:p text:style-name="P">{c}</text:p></table:table-cell>' for c in row)
                out.append("<table:table-row>" + "".join(cells) + "</table:table-row>")
            out.append("</table:table>")
        else:
            for line in page:
                out.append(f'<text:p text:style-name="{style}">{line}</text:p>')
                style = "P"
    with open(name, "w") as f:
        f.write("".join(out) + "</office:text></office:body></office:document>")


def reportlab(name, font, one_by_one=False, pages=PAGES):
    canvas = Canvas(path(name), pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(f"登记 {ID}")
    for page in pages:
        canvas.setFont(font, 12)
        y = 780
        for line in page:
            cells = line if isinstance(line, list) else [line]
            for x, cell in zip(COLUMNS, cells):
                if one_by_one:
                    for c in cell:
                        canvas.drawString(x, y, c)
                        x += pdfmetrics.stringWidth(c, font, 12)
                else:
                    canvas.drawString(x, y, cell)
            y -= 20
        canvas.showPage()
    canvas.save()


def cairo_pdf():
    surface = cairo.PDFSurface(path("cairo.pdf"), 595, 842)
    context = cairo.Context(surface)
    context.select_font_face("WenQuanYi Micro Hei")
    context.set_font_size(12)
    for page in PAGES:
        y = 60
        for line in page:
            cells = line if isinstance(line, list) else [line]
            for x, cell in zip(COLUMNS, cells):
                context.move_to(x, y)
                context.show_text(cell)
            y += 20
        context.show_page()
    surface.finish()


def ghostscript():
    """English only: fonts of PostScript, subset as Type 1C, the same text upright and turned."""
    with tempfile.NamedTemporaryFile("w", suffix=".ps", delete=False) as f:
        f.write("%!\n/Times-Roman findfont 12 scalefont setfont\n")
        f.write(f"60 700 moveto (Resident ID {ID}) show showpage\n")
        f.write(f"300 100 translate 90 rotate 0 0 moveto (Resident ID {ID}) show showpage\n")
    subprocess.run(["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-o", path("ghostscript.pdf"), f.name], check=True)


def qpdf(name, source, *options):
    subprocess.run(["qpdf", "--deterministic-id" if "--encrypt" not in options else "--static-id", *options, path(source), path(name)], check=True)


def beside():
    """What stands beside the pages: properties, bookmarks, annotations, form fields, embedded files."""
    writer = PdfWriter(clone_from=PdfReader(path("reportlab-cid.pdf")))
    writer.add_metadata({"/Subject": f"身份证号 {ID}"})
    writer.add_outline_item(title=f"身份证号 {ID}", page_number=1)
    writer.add_annotation(1, Text(text=f"身份证号 {ID}", rect=(50, 50, 80, 80)))
    writer.add_annotation(2, Link(rect=(50, 50, 80, 80), url=f"https://example.org/?mail={MAIL}"))
    writer.add_attachment("名单.txt", f"第一行\n身份证号 {ID}\n".encode("gb18030"))
    with open(path("ghostscript.pdf"), "rb") as f:
        writer.add_attachment("inner.pdf", f.read())
    field = DictionaryObject({
        NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("sfz"),
        NameObject("/TU"): TextStringObject("身份证号"), NameObject("/V"): TextStringObject(ID),
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
        NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (50, 500, 200, 520)]),
    })
    hidden = DictionaryObject({NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("phone"),
                               NameObject("/V"): TextStringObject(PHONE)})
    fields = ArrayObject([writer._add_object(field), writer._add_object(hidden)])
    writer.pages[2].setdefault(NameObject("/Annots"), ArrayObject()).append(fields[0])
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    writer.write(path("beside.pdf"))


def scan():
    """A page that is an image, one that is an image with a page number, one of text."""
    canvas = Canvas(path("scan.pdf"), pagesize=A4, invariant=1)
    with tempfile.NamedTemporaryFile("wb", suffix=".ppm", delete=False) as f:
        f.write(b"P6 8 8 255\n" + bytes(192))
    for page in range(3):
        if page < 2:
            canvas.drawImage(f.name, 0, 0, A4[0], A4[1])
        if page > 0:
            canvas.drawString(60, 30, "page 2" if page == 1 else f"Resident ID {ID}")
        canvas.showPage()
    canvas.save()


def main():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(TTFont("Wqy", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"))
    reportlab("reportlab-cid.pdf", "STSong-Light")
    reportlab("reportlab-pieces.pdf", "STSong-Light", one_by_one=True)
    reportlab("reportlab-ttf.pdf", "Wqy", pages=PAGES[:1])
    cairo_pdf()
    ghostscript()
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        html(page)
        flat = os.path.join(folder, "page.fodt")
        fodt(flat)
        subprocess.run(["soffice", "--headless", "--convert-to", "pdf:writer_pdf_Export", "--outdir", folder, flat], check=True, stdout=subprocess.DEVNULL)
        os.replace(os.path.join(folder, "page.pdf"), path("libreoffice.pdf"))
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                        f"--print-to-pdf={path('skia.pdf')}", page], check=True, stderr=subprocess.DEVNULL)
    source = "reportlab-cid.pdf"
    qpdf("object-streams.pdf", source, "--object-streams=generate")
    qpdf("linear.pdf", source, "--linearize")
    for bits, name, *more in [("40", "rc4-40"), ("128", "rc4-128", "--use-aes=n"), ("128", "aes-128", "--use-aes=y"), ("256", "aes-256")]:
        weak = [] if bits == "256" else ["--allow-weak-crypto"]
        qpdf(f"{name}.pdf", source, *weak, "--object-streams=generate", "--encrypt", "", "owner", bits, *more, "--")
    qpdf("locked.pdf", source, "--encrypt", "user", "owner", "256", "--")
    beside()
    scan()


if __name__ == "__main__":
    sys.exit(main())
