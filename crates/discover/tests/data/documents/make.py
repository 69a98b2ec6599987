"""Makes the fixtures of this folder. Every identifier in them is invented and valid by its check digit.

Needs: LibreOffice (7.4 was used) with writer, calc, impress and python3-uno, and from PyPI xlwt and msoffcrypto-tool.
`gbk5.xls` is made by `gbk5.js` (SheetJS from npm), which see. Run in this folder: python3 make.py
"""
import gzip, io, mailbox, os, subprocess, sys, time, zipfile
from email import encoders, policy
from email.header import Header
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

ID, CARD, USCC, VIN = "360426199101010071", "6228480402564890018", "91310115MAAG1T2X13", "LSVAG2189E2100347"
A, B, C, D = "13961835674", "15051889237", "18652017439", "13705196231"
NS = " ".join(
    f'xmlns:{k}="{v}"'
    for k, v in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0", "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0", "dc": "http://purl.org/dc/elements/1.1/",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "xlink": "http://www.w3.org/1999/xlink",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0", "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
        "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    }.items()
)
BOLD = '<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
# An identity number and a telephone number, cut by formats.
CUT_ID = '36042619<text:span text:style-name="B">910101</text:span>0071'
CUT_A = '139<text:span text:style-name="B">6183</text:span>5674'


def flat(kind, head, body):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {NS} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{head}<office:body>{body}</office:body></office:document>'
    )


LETTER = flat(
    "text",
    "<office:meta><dc:title>设备台账 registry</dc:title><dc:subject>邮箱 wang.meta731@qq.com</dc:subject></office:meta>"
    '<office:styles><style:style style:name="Standard" style:family="paragraph"/></office:styles>'
    f'<office:automatic-styles>{BOLD}<style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="21cm" '
    'fo:page-height="29.7cm"/><style:header-style/></style:page-layout></office:automatic-styles><office:master-styles>'
    '<style:master-page style:name="Standard" style:page-layout-name="pl"><style:header>'
    f"<text:p>统一社会信用代码：{USCC}</text:p></style:header></style:master-page></office:master-styles>",
    f"""<office:text><text:p>李四的身份证号 {CUT_ID}。</text:p><text:p>His phone: {CUT_A}, thanks.</text:p>
<text:p>A note here<text:note text:id="ftn1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>
<text:p>银行卡号 {CARD}</text:p></text:note-body></text:note> and more.<office:annotation><dc:creator>Zhang</dc:creator>
<dc:date>2024-01-01T00:00:00</dc:date><text:p>VIN: {VIN} check phone {D}</text:p></office:annotation></text:p>
<text:p><draw:frame draw:name="f1" text:anchor-type="paragraph" svg:width="8cm" svg:height="2cm"><draw:text-box>
<text:p>文本框 手机 {B}</text:p></draw:text-box></draw:frame>after the box</text:p>
<table:table table:name="T"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>姓名</text:p>
</table:table-cell><table:table-cell><text:p>手机</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>
<text:p>王五</text:p></table:table-cell><table:table-cell><text:p>{C}</text:p></table:table-cell></table:table-row></table:table>
<text:p>mail to <text:a xlink:type="simple" xlink:href="mailto:zhao.liu88@163.com">Zhao</text:a> soon</text:p></office:text>""",
)


def text(value, extra=""):
    return f'<table:table-cell office:value-type="string"{extra}><text:p>{value}</text:p></table:table-cell>'


def number(value, extra=""):
    return f'<table:table-cell office:value-type="float" office:value="{value}"{extra}><text:p>{value}</text:p></table:table-cell>'


def row(*cells):
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


BOOK = flat(
    "spreadsheet",
    "",
    '<office:spreadsheet><table:table table:name="员工"><table:table-column table:number-columns-repeated="4"/>'
    + row(text("姓名"), text("手机"), text("银行卡号"), text("备注"))
    + row(text("张三"), number(A), text(CARD), text("ok"))
    + '<table:table-row table:number-rows-repeated="5"><table:table-cell/></table:table-row>'
    + row(
        text("李四"),
        text("", ' table:formula="of:=CONCATENATE(&quot;150518&quot;;&quot;89237&quot;)"'),
        "<table:table-cell/>",
        f'<table:table-cell office:value-type="string"><office:annotation><text:p>身份证号 {ID}</text:p></office:annotation>'
        "<text:p>see note</text:p></table:table-cell>",
    )
    + '</table:table><table:table table:name="Plant"><table:table-column/>'
    + row(text("Contact phone"), text("VIN"))
    + row(number(C), text("e-mail zhao.liu88@163.com"))
    + row(number(D, ' table:formula="of:=13705196230+1"'))
    + "</table:table></office:spreadsheet>",
)
SLIDES = flat(
    "presentation",
    f'<office:automatic-styles><style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="28cm" '
    f'fo:page-height="21cm"/></style:page-layout>{BOLD}</office:automatic-styles><office:master-styles>'
    '<style:master-page style:name="Default" style:page-layout-name="pl"/></office:master-styles>',
    f"""<office:presentation><draw:page draw:name="p1" draw:master-page-name="Default"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="20cm"
 svg:height="4cm"><draw:text-box><text:p>负责人身份证号 {CUT_ID}</text:p><text:p>phone {CUT_A}</text:p></draw:text-box></draw:frame>
<presentation:notes><draw:frame svg:x="1cm" svg:y="1cm" svg:width="10cm" svg:height="4cm" presentation:class="notes"><draw:text-box>
<text:p>备注 手机 {B}</text:p></draw:text-box></draw:frame></presentation:notes></draw:page><draw:page draw:name="p2"
 draw:master-page-name="Default"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="20cm" svg:height="4cm"><draw:text-box>
<text:p>mail zhao.liu88@163.com only Latin</text:p></draw:text-box></draw:frame></draw:page></office:presentation>""",
)


def convert(source, *endings):
    for ending in endings:
        subprocess.run(["soffice", "--headless", "--convert-to", ending, source], check=True)


def locked():
    """The same under the password `secret`, through UNO: the command line takes none."""
    import uno
    from com.sun.star.beans import PropertyValue

    def p(name, value):
        it = PropertyValue()
        it.Name, it.Value = name, value
        return it

    office = subprocess.Popen(["soffice", "--headless", "--accept=socket,host=localhost,port=2002;urp;", "--norestore"])
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _ in range(60):
        try:
            there = resolver.resolve("uno:socket,host=localhost,port=2002;urp;StarOffice.ComponentContext")
            break
        except Exception:
            time.sleep(1)
    url = "file://" + os.getcwd() + "/"
    for source, service, how, out, filter_name in [
        ("letter.odt", "com.sun.star.text.TextDocument", "writer8", "locked.doc", "MS Word 97"),
        ("book.ods", "com.sun.star.sheet.SpreadsheetDocument", "calc8", "locked.xls", "MS Excel 97"),
        ("book.ods", "com.sun.star.sheet.SpreadsheetDocument", "calc8", "locked.ods", "calc8"),
    ]:
        it = there.ServiceManager.createInstanceWithContext(service, there)
        it.load((p("URL", url + source), p("FilterName", how)))
        it.storeToURL(url + out, (p("FilterName", filter_name), p("Password", "secret")))
    office.terminate()


def locked_docx():
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        z.writestr("word/document.xml", f"<w:document><w:body><w:p><w:r><w:t>{ID}</w:t></w:r></w:p></w:body></w:document>")
    with open("locked.docx", "wb") as out:
        OOXMLFile(plain).encrypt("secret", out)


def long_book():
    """A table of strings so long that it goes on in further records, in both widths, and rich text."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("长表")
    sheet.write(0, 0, "说明")
    sheet.write(0, 1, "手机")
    for r in range(1, 301):
        words = "水泵运行记录" if r % 2 else "pump record"
        sheet.write(r, 0, f"{words} {r} " + ("正常。" if r % 3 else "ok, ") * (r % 8))
        if r % 50 == 0:
            sheet.write(r, 1, f"139618356{r // 50 + 20}")
        if r % 50 == 25:
            sheet.write(r, 1, 13961830000 + r)
    two = book.add_sheet("two")
    bold, thin = xlwt.easyfont("bold true"), xlwt.easyfont("italic true")
    two.write_rich_text(1, 0, [("身份证号 36042619", bold), ("910101", thin), "0071"])
    book.save("long.xls")


def mails():
    m = EmailMessage()
    m["From"] = "Zhang San <zhang.san731@qq.com>"
    m["To"] = "李四 <li.si88@163.com>"
    m["Subject"] = "员工身份证号 " + ID
    m["Date"] = "Thu, 04 Jan 2024 10:00:00 +0800"
    m["Message-ID"] = "<20240104.1@mail.example.com>"
    # Quoted-printable cuts the long line, and the card number with it.
    m.set_content(f"请查收。手机 {A}。\n" + "水泵" * 24 + f" 银行卡号 {CARD}\n", charset="utf-8", cte="quoted-printable")
    m.add_alternative(
        "<html><body><p>手机 <b>139</b>6183<b>5674</b> &#20449;&#29992;&#21345; &#54;228480402564890018</p></body></html>",
        subtype="html", charset="utf-8", cte="base64",
    )
    m.add_attachment(
        f"姓名,手机\n张三,{B}\n".encode("gb18030"), maintype="text", subtype="csv", filename="通讯录.csv", params={"charset": "gb18030"}
    )
    inner = EmailMessage(policy=policy.SMTP)
    inner["From"], inner["To"], inner["Subject"] = "a.inner55@qq.com", "b.inner66@qq.com", "fwd"
    inner.set_content(f"phone: {C}\n")
    m.add_attachment(inner)
    z = io.BytesIO()
    with zipfile.ZipFile(z, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep.txt", f"Tel: {D}\n")
    m.add_attachment(z.getvalue(), maintype="application", subtype="zip", filename="a.zip")
    open("full.eml", "wb").write(m.as_bytes(policy=policy.SMTP))

    g = MIMEMultipart()
    g["Subject"] = Header(f"员工的手机号 {C}", "gb2312")
    g["From"], g["To"] = "x.one55@qq.com", "y.two66@163.com"
    g.attach(MIMEText(f"联系电话：{B}", "plain", "gb2312"))
    part = MIMEBase("application", "octet-stream")
    part.set_payload("身份证号 ".encode("gbk") + ID.encode())
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("gb2312", "", "身份.txt"))
    g.attach(part)
    g.attach(MIMEText(f"電話 {A}", "plain", "big5"))
    open("gb.eml", "wb").write(g.as_bytes())

    box = mailbox.mbox("box.mbox")
    box.clear()
    box.add(g)
    q = Message()
    q["From"], q["To"] = "one.line77@qq.com", "two.lines88@163.com"
    q.set_payload(f"From here on: phone {D}\n\nFrom the desk\n")
    box.add(q)
    box.flush()


if __name__ == "__main__":
    for name, body in [("letter.fodt", LETTER), ("book.fods", BOOK), ("slides.fodp", SLIDES)]:
        open(name, "w", encoding="utf-8").write(body)
    convert("letter.fodt", "doc", "rtf", "odt")
    convert("book.fods", "xls", "ods")
    convert("slides.fodp", "ppt", "odp")
    with open("slides.ppt", "rb") as ppt, gzip.GzipFile("slides.ppt.gz", "wb", 9, mtime=0) as packed:
        packed.write(ppt.read())
    long_book()
    mails()
    locked_docx()
    locked()
    for name in ["letter.fodt", "book.fods", "slides.fodp", "slides.ppt"]:
        os.remove(name)
