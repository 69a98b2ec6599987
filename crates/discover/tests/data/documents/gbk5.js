// Makes gbk5.xls: a workbook of Excel 5 (BIFF5) with strings in GBK. SheetJS (npm: xlsx, codepage) writes BIFF5 but
// only ASCII into it: so the bytes of GBK are put where it wrote underscores, and the code page is made 936.
// Read back with xlrd 2.0 from PyPI.
const fs = require('fs'), X = require('xlsx'), { utils } = require('codepage');
const gbk = s => Buffer.from(utils.encode(936, s));
const words = ['员工', '姓名', '手机', '银行卡号', '张三', '身份证'];
const [sheet, ...w] = words.map(s => '\xFF'.repeat(gbk(s).length));
const book = X.utils.book_new();
const rows = [[w[0], w[1], w[2]], [w[3], 13961835674, '6228480402564890018'], [w[4], '360426199101010071', 1.5]];
X.utils.book_append_sheet(book, X.utils.aoa_to_sheet(rows), sheet);
const out = X.write(book, { bookType: 'biff5', type: 'buffer' });
let at = 0;
for (const word of words) {
  at = out.indexOf('____', at);
  gbk(word).copy(out, at);
  at += gbk(word).length;
}
out.writeUInt16LE(936, out.indexOf(Buffer.from([0x42, 0, 2, 0])) + 4);
fs.writeFileSync('gbk5.xls', out);
